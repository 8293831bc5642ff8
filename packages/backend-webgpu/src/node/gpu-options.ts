/** Everything on the GPU, or an error: nothing runs on the processor without being asked to. */
export const GPU_OPTIONS = {
  executionProviders: ['webgpu'],
  logSeverityLevel: 4,
  extra: { session: { disable_cpu_ep_fallback: '1' } },
} as const;

/** The processor, for small graphs. */
export const HOST_OPTIONS = {
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  logSeverityLevel: 3,
} as const;
