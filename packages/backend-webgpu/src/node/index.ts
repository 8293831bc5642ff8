export { type NodeWebgpuBackend, type NodeWebgpuOptions, webgpuBackend } from './backend.ts';
export { modelManifest, packModel } from './model-manifest.ts';
export { tryGpu } from './self-test.ts';
export { vulkanDrivers } from './vulkan-drivers.ts';
