import { inverseFrequencies, type ModelConfig } from '@judge-decoding/checkpoint';
import type { EngineShape, HeldAs } from '../engine.ts';

/** How a model is to run. */
export interface Placement {
  readonly device: number;
  readonly heldAs: HeldAs;
  readonly context: number;
}

/** A checkpoint's config in the engine's words. */
export function engineShape(config: ModelConfig, { device, heldAs, context }: Placement): EngineShape {
  const { attentionBias } = config;
  return {
    device,
    heldAs,
    context,
    hidden: config.hiddenSize,
    layers: config.layers,
    heads: config.attentionHeads,
    kvHeads: config.keyValueHeads,
    headDim: config.headDim,
    feedForward: config.intermediateSize,
    vocabRows: config.vocabSize,
    tokens: config.tokenCount,
    normEpsilon: config.rmsNormEps,
    ropeScale: 1,
    tied: config.tiedEmbeddings,
    qBias: attentionBias.query,
    kBias: attentionBias.key,
    vBias: attentionBias.value,
    oBias: attentionBias.output,
    queryKeyNorm: (config as { queryKeyNorm?: boolean }).queryKeyNorm === true,
    inverseFrequencies: Float32Array.from(inverseFrequencies(config)),
  };
}
