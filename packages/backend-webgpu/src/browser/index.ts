export {
  type BrowserBackend,
  type BrowserModel,
  type BrowserOptions,
  type BrowserThread,
  webgpuBackend,
} from './backend.ts';
export { type CachedModelOptions, cachedModel } from './cached-model.ts';
export type { BrowserDevice, ModelDetails } from './protocol.ts';
export type { ModelLocation } from './source.ts';
