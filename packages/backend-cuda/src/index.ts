export { type CudaBackend, cudaBackend } from './backend.ts';
export type { Bandwidth, DeviceInfo, Engine, EngineShape, HeldAs } from './engine.ts';
export { gigabytes } from './fit.ts';
export { bytesPerToken, cacheBytesPerToken, estimatedModelBytes } from './memory.ts';
export type { CudaMemory, CudaModel } from './model.ts';
export { MOST_RANKS } from './native/abi.ts';
export { findLibrary } from './native/library.ts';
export { engineAt, nativeEngine } from './native/native-engine.ts';
export { findDevice } from './open-model.ts';
export { type CudaOptions, PREFILLS, type Prefill } from './options.ts';
export { ENGINE_FIGURES } from './plan/engine-figures.ts';
export { GPUS, type GpuByHand, type GpuKind, gpuKind } from './plan/gpus.ts';
export {
  MOST_DRAFTED,
  type Placement,
  type Plan,
  type PlannedRound,
  type PlanQuestion,
  planPair,
} from './plan/plan.ts';
export {
  type EngineFigures,
  partBytes,
  partOf,
  predictPass,
  predictSum,
} from './plan/predict-pass.ts';
export { type PlannedModel, plannedOnCuda } from './planned.ts';
export { deviceName, devicesOf, divides } from './ranks.ts';
export { engineShape, refuseUnknown } from './shapes/engine-shape.ts';
export { NAMED_SHAPES } from './shapes/named-shapes.ts';
export { parseSynthetic, type SyntheticModel } from './shapes/synthetic.ts';
export { CUDA_DTYPES, type CudaDtype, heldAsFor } from './weights/held-as.ts';
export type { LoadProgress } from './weights/load.ts';
export { heldFor, heldRows, type Use } from './weights/plan.ts';
export type { CarriedMatrices, WeightsReport } from './weights/report.ts';
