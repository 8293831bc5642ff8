import { availableParallelism } from 'node:os';
import { type ModelConfig, openCheckpoint } from '@judge-decoding/checkpoint';
import type { ModelInfo } from '@judge-decoding/core';
import {
  type CachedGraph,
  cachedDecoder,
  defaultCacheFolder,
  type GraphProgress,
} from '@judge-decoding/onnx/cache';
import type { WorkerOptions } from './protocol.ts';
import { signalFrom } from './stop-flag.ts';

/** Below this a second thread costs more in waiting than it brings; measured in tools/bench. */
const ONE_THREAD_PARAMETERS = 3e6;
/** Twice as many are no faster, and attention's scores over a long past take twice the memory. */
const PREFILL_CHUNK = 64;

/** All that is left of a checkpoint once its graph lies on the disk; plain data. */
export interface PreparedModel {
  readonly info: ModelInfo;
  readonly graph: CachedGraph;
  /** Threads that compute. */
  readonly threads: number;
}

/** Opens a checkpoint, and finds or builds its graph. */
export async function prepareModel(
  options: WorkerOptions,
  onProgress: (progress: GraphProgress) => void,
): Promise<PreparedModel> {
  const { location, dtype = 'auto', prefillChunk = PREFILL_CHUNK, exact: asked = false } = options;
  const cacheFolder = options.cacheFolder ?? defaultCacheFolder();
  // the model first: where it is missing, nothing is made
  const checkpoint = await openCheckpoint(location, { cacheFolder });
  try {
    const { config, tokenizer, name } = checkpoint;
    const contextLength = Math.min(options.contextLength ?? config.contextLength, config.contextLength);
    const graph = await cachedDecoder(checkpoint, {
      dtype,
      contextLength,
      onProgress,
      cacheFolder,
      signal: signalFrom(options.stop),
    });
    const exact = asked === true || (asked === 'quantised' && graph.dtype !== 'fp32');
    const info: ModelInfo = {
      name,
      architecture: config.architecture,
      vocabSize: config.tokenCount,
      hiddenSize: config.hiddenSize,
      layers: config.layers,
      contextLength,
      endTokens: tokenizer.endTokens,
      specialTokens: tokenizer.specialTokens,
      dtype: graph.dtype,
      device: 'cpu',
      prefillChunk: Math.min(prefillChunk, contextLength),
      exact,
      layersOffered: Array.from({ length: config.layers - 1 }, (_, layer) => layer + 1),
      fingerprint: await checkpoint.fingerprint(),
    };
    return { info, graph, threads: options.threads ?? defaultThreads(config) };
  } finally {
    await checkpoint.dispose();
  }
}

function defaultThreads(config: ModelConfig): number {
  if (parametersOf(config) < ONE_THREAD_PARAMETERS) return 1;
  const cores = availableParallelism();
  // on larger machines half of what is counted are second threads of the same cores
  return cores <= 4 ? cores : Math.ceil(cores / 2);
}

/** Weights that a step multiplies by. */
function parametersOf(config: ModelConfig): number {
  const { hiddenSize, headDim, attentionHeads, keyValueHeads, intermediateSize, layers, tokenCount } = config;
  const attention = hiddenSize * headDim * (2 * attentionHeads + 2 * keyValueHeads);
  return layers * (attention + 3 * hiddenSize * intermediateSize) + tokenCount * hiddenSize;
}
