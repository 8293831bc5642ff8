export { type CpuOptions, checkOptions } from './backend.ts';
export { type CpuModel, cpuModel } from './model.ts';
export { withoutTelemetry } from './no-telemetry.ts';
export { onnxRuntime } from './onnx-runtime.ts';
export { type OpenInWorkerOptions, openInWorker } from './open-in-worker.ts';
export { prepare } from './prepare.ts';
export type { CpuDetails, WorkerOptions } from './protocol.ts';
export { serveInWorker } from './serve-in-worker.ts';
export { besides } from './start-worker.ts';
