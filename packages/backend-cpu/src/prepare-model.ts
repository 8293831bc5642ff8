import { availableParallelism } from 'node:os';
import { type ModelConfig, openCheckpoint } from '@judge-decoding/checkpoint';
import type { ModelInfo } from '@judge-decoding/core';
import { decoderInfo, defaultThreads, deviceChunk } from '@judge-decoding/onnx';
import {
  type CachedGraph,
  cachedDecoder,
  defaultCacheFolder,
  type GraphProgress,
} from '@judge-decoding/onnx/cache';
import type { WorkerOptions } from './protocol.ts';
import { signalFrom } from './stop-flag.ts';

/** Twice as many are no faster, and attention's scores over a long past take twice the memory. */
const PREFILL_CHUNK = 64;

/** All that is left of a checkpoint once its graph lies on the disk; plain data. */
export interface PreparedModel {
  readonly info: ModelInfo;
  readonly config: ModelConfig;
  readonly graph: CachedGraph;
  /** Threads that compute. */
  readonly threads: number;
}

/** Opens a checkpoint, and finds or builds its graph. */
export async function prepareModel(
  options: WorkerOptions,
  onProgress: (progress: GraphProgress) => void,
): Promise<PreparedModel> {
  const { location, dtype = 'auto', exact: asked = false, provider = 'cpu' } = options;
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  // the model first: where it is missing, nothing is made
  const checkpoint = await openCheckpoint(location, { cacheFolder });
  try {
    const { config } = checkpoint;
    const prefillChunk =
      options.prefillChunk ?? (provider === 'webgpu' ? deviceChunk(config.tokenCount) : PREFILL_CHUNK);
    const contextLength = Math.min(options.contextLength ?? config.contextLength, config.contextLength);
    const graph = await cachedDecoder(checkpoint, {
      dtype,
      provider,
      contextLength,
      onProgress,
      cacheFolder,
      signal: signalFrom(options.stop),
    });
    const exact = asked === true || (asked === 'quantised' && graph.dtype !== 'fp32');
    const info = await decoderInfo(checkpoint, graph, { device: provider, prefillChunk, exact });
    return {
      info,
      config,
      graph,
      threads: options.threads ?? defaultThreads(config, availableParallelism()),
    };
  } finally {
    await checkpoint.dispose();
  }
}
