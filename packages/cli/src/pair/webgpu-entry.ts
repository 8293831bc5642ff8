import type { NodeWebgpuOptions } from '@judge-decoding/backend-webgpu/node';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { BackendEntry } from './backends.ts';

const DTYPES = ['auto', 'fp32', 'int8', 'int4'] as const satisfies readonly NodeWebgpuOptions['dtype'][];

/** Any GPU that has Direct3D 12, Metal or Vulkan, through ONNX Runtime's WebGPU. */
export const webgpuEntry: BackendEntry = {
  devices: ['webgpu'],
  dtypes: DTYPES,
  opening: (name) => `preparing ${name} (first use only)`,
  states: ['pre-norm', 'post-norm'],
  async runnable(checkpoint, dtype) {
    const { runnableGraph } = await import('../inspect/runnable-graph.ts');
    return runnableGraph(checkpoint, dtype as (typeof DTYPES)[number]);
  },
  async look(options) {
    const { webgpuFindings } = await import('../commands/doctor-webgpu.ts');
    return webgpuFindings(options);
  },
  async open({ folder, contextLength, threads, dtype, cacheFolder, exact, onProgress, signal }) {
    if (threads !== undefined) {
      throw new JudgeDecodingError(
        'invalid-option',
        'Expected no --threads for the backend webgpu, which computes on a GPU. Leave it out.',
      );
    }
    if (exact === true) {
      throw new JudgeDecodingError(
        'invalid-option',
        'Expected no --exact for the backend webgpu: a GPU there multiplies a single row in another order than several. Leave it out, or use --backend cpu or cuda.',
      );
    }
    const { webgpuBackend } = await import('@judge-decoding/backend-webgpu/node');
    return webgpuBackend({ cacheFolder }).open(folder, {
      contextLength,
      signal,
      ...(exact === undefined ? {} : { exact }),
      ...(dtype === undefined ? {} : { dtype: dtype as (typeof DTYPES)[number] }),
      ...(onProgress === undefined
        ? {}
        : { onProgress: ({ writtenBytes, totalBytes }) => onProgress(writtenBytes, totalBytes) }),
    });
  },
};
