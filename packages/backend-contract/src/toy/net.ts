import type { TokenId } from '@judge-decoding/core';

/** What a toy model computes: a causal network small enough to run a million times in a test. */
export interface ToyNet {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  openCache(): ToyCache;
}

/**
 * Buffers with one row per position. They know nothing of a length: the session says at which
 * position a token goes, and what stood there before is overwritten, as on a real device.
 */
export interface ToyCache {
  /** Puts `token` at `position`, looks at rows 0..position, and writes the result into `row`. */
  read(position: number, token: TokenId, row: ToyRow): void;
}

/** What a network knows after reading one token; the session reuses one of these as scratch. */
export interface ToyRow {
  /** [hiddenSize] */
  readonly preNorm: Float32Array;
  /** [hiddenSize] */
  readonly postNorm: Float32Array;
  /** [vocabSize] */
  readonly logits: Float32Array;
}

export function emptyRow(net: ToyNet): ToyRow {
  return {
    preNorm: new Float32Array(net.hiddenSize),
    postNorm: new Float32Array(net.hiddenSize),
    logits: new Float32Array(net.vocabSize),
  };
}
