export { checkRunOptions, type RunOptions } from './check-run-options.ts';
export { cacheBytes } from './device/device-cache.ts';
export type {
  DeviceOutputs,
  DeviceRuntime,
  DeviceType,
  HostData,
  WantedTensor,
} from './device/device-runtime.ts';
export { type OpenDeviceOptions, openDeviceModel } from './device/open-device.ts';
export { type SelfTest, type SelfTestOptions, selfTest } from './device/self-test.ts';
export { type OpenOptions, ORT_OUTPUTS, openOrtModel } from './open.ts';
export { type GraphSource, loadGraph, type OrtRuntime } from './runtime.ts';
