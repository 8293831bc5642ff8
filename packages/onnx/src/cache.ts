export { makeFolder } from '@judge-decoding/checkpoint';
export { defaultCacheFolder, makeCacheFolder } from './cache-folder.ts';
export {
  type CachedGraph,
  cachedDecoder,
  type GraphCacheOptions,
  type GraphProgress,
} from './graph-cache.ts';
