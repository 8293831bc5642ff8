import type { Checkpoint, ModelConfig } from '@judge-decoding/checkpoint/browser';
import type { ModelInfo } from '@judge-decoding/core';
import type { DecoderShape } from './decoder-interface.ts';
import type { RunDtype } from './weight-dtype.ts';

/** Below this a second thread costs more in waiting than it brings; measured in tools/bench. */
const ONE_THREAD_PARAMETERS = 3e6;

/** The facts about a decoder that runs a checkpoint. */
export async function decoderInfo(
  checkpoint: Pick<Checkpoint, 'name' | 'config' | 'tokenizer' | 'fingerprint'>,
  { shape, dtype }: { readonly shape: DecoderShape; readonly dtype: RunDtype },
  runs: Pick<ModelInfo, 'device' | 'prefillChunk' | 'exact'>,
): Promise<ModelInfo> {
  const { name, config, tokenizer } = checkpoint;
  const { contextLength } = shape;
  return {
    name,
    architecture: config.architecture,
    vocabSize: config.tokenCount,
    hiddenSize: config.hiddenSize,
    layers: config.layers,
    contextLength,
    endTokens: tokenizer.endTokens,
    specialTokens: tokenizer.specialTokens,
    dtype,
    ...runs,
    layersOffered: Array.from({ length: config.layers - 1 }, (_, layer) => layer + 1),
    prefillChunk: Math.min(runs.prefillChunk, contextLength),
    fingerprint: await checkpoint.fingerprint(),
  };
}

/** Threads that a decoder gains from, on a processor that has so many. */
export function defaultThreads(config: ModelConfig, cores: number): number {
  if (parametersOf(config) < ONE_THREAD_PARAMETERS) return 1;
  // on larger machines half of what is counted are second threads of the same cores
  return cores <= 4 ? cores : Math.ceil(cores / 2);
}

/** Weights that a step multiplies by. */
export function parametersOf(config: ModelConfig): number {
  const { hiddenSize, headDim, attentionHeads, keyValueHeads, intermediateSize, layers, tokenCount } = config;
  const attention = hiddenSize * headDim * (2 * attentionHeads + 2 * keyValueHeads);
  return layers * (attention + 3 * hiddenSize * intermediateSize) + tokenCount * hiddenSize;
}

/**
 * Most tokens that a GPU reads at a time. A pass waits for the runtime, not for its rows: in passes of 64 a prompt of 4,000 tokens took 1.7 s
 * on an H200, where transformers.js read it in one and 0.12 s. Logits of so many rows fit into 128 MB, which every adapter binds.
 */
export const deviceChunk = (tokenCount: number): number =>
  Math.max(64, Math.min(256, Math.floor(2 ** 25 / tokenCount)));
