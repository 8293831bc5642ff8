import {
  type DecoderFeature,
  decoderFeatures,
  inverseFrequencies,
  type ModelConfig,
} from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { EngineShape, HeldAs } from '../engine.ts';

/** How a model is to run. */
export interface Placement {
  /** The GPU of every rank; of one rank, `device` says the same. */
  readonly ranks?: readonly number[];
  readonly device?: number;
  readonly heldAs: HeldAs;
  readonly context: number;
}

/** What goes beyond a plain Llama and the engine has. */
const KNOWN: ReadonlySet<DecoderFeature> = new Set(['queryKeyNorm']);

/** Refuses by name what a decoder has and the engine has not. */
export function refuseUnknown(config: ModelConfig): void {
  const feature = decoderFeatures(config).find((name) => !KNOWN.has(name));
  if (feature === undefined) return;
  throw new JudgeDecodingError(
    'unsupported',
    `The model is a ${config.family} with \`${feature}\` = ${JSON.stringify(config[feature])}, which the CUDA engine has not. Use a model of the Llama, Mistral, Qwen2 or Qwen3 family, or --backend cpu.`,
  );
}

/** A checkpoint's config in the engine's words. */
export function engineShape(
  config: ModelConfig,
  { ranks = [], device = ranks[0] ?? 0, heldAs, context }: Placement,
): EngineShape {
  const { attentionBias } = config;
  return {
    device,
    ...(ranks.length > 1 ? { ranks } : {}),
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
    queryKeyNorm: config.queryKeyNorm,
    inverseFrequencies: Float32Array.from(inverseFrequencies(config)),
  };
}
