import type { ModelConfig } from './model-config.ts';

/** Plain-Llama values of the fields that a family may set otherwise. */
const PLAIN = {
  queryKeyNorm: () => false,
  attentionScale: ({ headDim }: ModelConfig) => headDim ** -0.5,
  activation: () => 'silu',
  outputNorms: () => false,
  normOffset: () => 0,
  embeddingScale: () => 1,
  slidingWindow: () => null,
  unrotatedLayers: () => [],
} satisfies Partial<Record<keyof ModelConfig, (config: ModelConfig) => unknown>>;

/** A field of `ModelConfig` by which a decoder can differ from a plain Llama. */
export type DecoderFeature = keyof typeof PLAIN;

/**
 * Fields by which a decoder differs from a plain Llama. A backend refuses those that it does not
 * know by their names.
 */
export function decoderFeatures(config: ModelConfig): DecoderFeature[] {
  const names = Object.keys(PLAIN) as DecoderFeature[];
  return names.filter((name) => JSON.stringify(config[name]) !== JSON.stringify(PLAIN[name](config)));
}
