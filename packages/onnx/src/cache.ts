export { defaultCacheFolder, makeCacheFolder, makeFolder } from './cache-folder.ts';
export {
  type CachedGraph,
  cachedDecoder,
  type GraphCacheOptions,
  type GraphProgress,
} from './graph-cache.ts';
