import type { CudaDtype } from '@judge-decoding/backend-cuda';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { BackendEntry } from './backends.ts';

/** As the package lists them; it is loaded on first use only. */
const CUDA_DTYPES = [
  'auto',
  'bf16',
  'fp16',
  'fp8',
  'int8',
  'int4',
  'q8_0',
  'q4_0',
] as const satisfies readonly CudaDtype[];

/** One NVIDIA GPU or several, through the engine of `@judge-decoding/backend-cuda`. */
export const cudaEntry: BackendEntry = {
  devices: ['cuda:0'],
  isDevice: (name) => /^cuda(:\d{1,3}(,\d{1,3})*)?$/.test(name),
  devicesSaid: 'cuda:0 or another number, or several as in cuda:0,1,',
  dtypes: CUDA_DTYPES,
  opening: (name) => `loading ${name}`,
  synthetic: true,
  prefillsFast: true,
  states: ['pre-norm', 'post-norm'],
  async runnable(checkpoint, dtype) {
    const { runnableOnCuda } = await import('../inspect/runnable-cuda.ts');
    return runnableOnCuda(checkpoint, dtype as CudaDtype);
  },
  async look(options) {
    const { cudaFindings } = await import('../commands/doctor-cuda.ts');
    return cudaFindings(options);
  },
  async open({
    folder,
    contextLength,
    threads,
    dtype,
    device,
    cacheFolder,
    exact,
    prefill,
    onProgress,
    signal,
  }) {
    if (threads !== undefined) {
      throw new JudgeDecodingError(
        'invalid-option',
        'Expected no --threads for the backend cuda, which computes on a GPU. Leave it out.',
      );
    }
    if (exact === false) {
      throw new JudgeDecodingError(
        'unsupported',
        'Expected no --no-exact for the backend cuda: its passes are exact, and would be no faster if they were not; prompts are read faster with --prefill fast. Leave it out.',
      );
    }
    const { cudaBackend } = await import('@judge-decoding/backend-cuda');
    return cudaBackend({ cacheFolder }).open(folder, {
      contextLength,
      signal,
      ...(device === undefined ? {} : { device }),
      ...(dtype === undefined ? {} : { dtype: dtype as CudaDtype }),
      ...(prefill === undefined ? {} : { prefill }),
      ...(onProgress === undefined
        ? {}
        : { onProgress: ({ doneBytes, totalBytes }) => onProgress(doneBytes, totalBytes) }),
    });
  },
};
