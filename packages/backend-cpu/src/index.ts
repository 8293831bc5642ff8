export { type CpuBackend, type CpuOptions, cpuBackend } from './backend.ts';
