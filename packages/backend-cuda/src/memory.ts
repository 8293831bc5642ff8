import type { EngineShape } from './engine.ts';
import { heldFor } from './weights/plan.ts';
import { BLOCK, INT4_GROUP } from './weights/quantise.ts';

/** Of a key or value in the cache, which is bf16. Bytes. */
const CACHE_ELEMENT = 2;
/** Of an embedding at most, and of a norm. Bytes. */
const LOOKUP_ELEMENT = 2;
const NORM_ELEMENT = 4;

/** Bytes of [rows, cols] weights as the device holds them, less what tiles are filled up with. */
export function matrixBytes(rows: number, cols: number, heldAs: EngineShape['heldAs']): number {
  switch (heldAs) {
    case 'bf16':
    case 'fp16':
      return 2 * rows * cols;
    case 'int8':
    case 'fp8':
      return rows * cols + 4 * rows;
    case 'int4':
      return (rows * cols) / 2 + 2 * rows * Math.ceil(cols / INT4_GROUP);
    case 'q8_0':
      return rows * cols + 2 * rows * Math.ceil(cols / BLOCK);
    case 'q4_0':
      return (rows * cols) / 2 + 2 * rows * Math.ceil(cols / BLOCK);
  }
}

/** Bytes of the matrices that one token is multiplied by: what a step reads, less the cache. */
export function bytesPerToken(shape: EngineShape): number {
  const { hidden, layers, heads, kvHeads, headDim, feedForward, vocabRows, heldAs } = shape;
  const matrix = (rows: number, cols: number) => matrixBytes(rows, cols, heldAs);
  const [queries, keys] = [heads * headDim, kvHeads * headDim];
  const layer =
    matrix(queries, hidden) +
    2 * matrix(keys, hidden) +
    matrix(hidden, queries) +
    2 * matrix(feedForward, hidden) +
    matrix(hidden, feedForward);
  return layers * layer + matrixBytes(vocabRows, hidden, heldFor('output', heldAs, 'F32'));
}

/**
 * Bytes a model takes on the device, told without a library at hand; where there is one its own figure
 * holds, which adds what its tiles and its scratch memory take.
 */
export function estimatedModelBytes(shape: EngineShape): number {
  const { hidden, layers, vocabRows } = shape;
  const norms = NORM_ELEMENT * (2 * layers + 1) * hidden;
  return bytesPerToken(shape) + LOOKUP_ELEMENT * vocabRows * hidden + norms;
}

/** Bytes a token takes in a cache. */
export function cacheBytesPerToken({ layers, kvHeads, headDim }: EngineShape): number {
  return 2 * layers * kvHeads * headDim * CACHE_ELEMENT;
}
