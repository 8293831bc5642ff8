import {
  besides,
  type CpuModel,
  type CpuOptions,
  checkOptions,
  cpuModel,
  openInWorker,
} from '@judge-decoding/backend-cpu/worker-parts';
import { type Backend, JudgeDecodingError } from '@judge-decoding/core';
import { ORT_OUTPUTS } from '@judge-decoding/ort-session';
import { shareTurn } from './gpu-turn.ts';

/** As for `backend-cpu`, but for what a processor alone has. */
export type NodeWebgpuOptions = Omit<CpuOptions, 'threads' | 'spinning' | 'exact'> & {
  /** Refused: ONNX Runtime's sums differ with the width of a pass on a GPU. */
  readonly exact?: boolean | 'quantised';
};

export interface NodeWebgpuBackend extends Backend {
  /** Opens a Hugging Face folder or a GGUF file; `overrides` hold for this model only. */
  open(location: string, overrides?: NodeWebgpuOptions): Promise<CpuModel>;
}

/**
 * ONNX Runtime's WebGPU provider in Node, through Direct3D, Metal or Vulkan, each model in a worker thread of
 * its own; they take turns, also where several are asked at once. Nothing falls back: where there is no GPU it is an error of code `device`.
 */
export function webgpuBackend(options: NodeWebgpuOptions = {}): NodeWebgpuBackend {
  check(options);
  return {
    specVersion: 1,
    name: 'webgpu',
    outputs: ORT_OUTPUTS,
    async open(location, overrides = {}) {
      check(overrides);
      shareTurn();
      const asked = { ...options, ...overrides, provider: 'webgpu', exact: false } as const;
      const { opened, line } = await openInWorker(location, asked, besides('worker', import.meta.url));
      return cpuModel(opened, line);
    },
  };
}

function check(options: NodeWebgpuOptions): void {
  checkOptions(options);
  if (options.exact === true) {
    throw new JudgeDecodingError(
      'unsupported',
      'Expected no `exact`: on a GPU ONNX Runtime multiplies a single row in another order than several. Leave it out, or use backend-cpu or backend-cuda.',
    );
  }
}
