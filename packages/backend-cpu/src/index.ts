export { type CpuBackend, type CpuOptions, cpuBackend } from './backend.ts';
export type { CpuModel } from './model.ts';
