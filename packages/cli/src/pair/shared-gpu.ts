import type { Model } from '@judge-decoding/core';

/** Said once where several processes share the target's GPU. */
export const SHARED_GPU_SAID =
  'the GPU is shared through MPS, where rows of passes of different widths have differed in their last bits: passes are not called exact, and strict decoding may write another text than plain decoding where two tokens are nearly as likely';

/** Whether that is why a model's passes are not exact: on CUDA they are where prompts are not read fast. */
export const onSharedGpu = ({ info }: Model, prefill: string | undefined): boolean =>
  prefill !== 'fast' && info.exact === false && info.device.startsWith('cuda');
