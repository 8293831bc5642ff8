import { createHash } from 'node:crypto';
import type { ForwardOutputs, TokenId } from '@judge-decoding/core';

/** Numbers in [0, 1) from a seed: mulberry32. */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const textOf = (uniform: () => number, length: number, vocabulary: number): TokenId[] =>
  Array.from({ length }, () => Math.floor(uniform() * vocabulary));

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** A pass's limit, told over the copy before, over the faster of the copies before and after: a GPU that was idle copies slower. */
export const limitOf = (limitMilliseconds: number, [before, after]: readonly [number, number]): number =>
  (limitMilliseconds * before) / Math.max(before, after);

const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** Digest of every bit of what a pass returned: two runs with the same one computed the same. */
export function digestOf(outputs: Partial<ForwardOutputs>): string {
  const hash = createHash('sha256');
  const { argmax, chosen, top, judge, hidden, logits } = outputs;
  const arrays = [argmax, chosen, top?.ids, top?.logProbs, top?.logSumExp, top?.entropy, judge, logits];
  for (const array of [...arrays, ...(hidden ?? [])]) if (array !== undefined) hash.update(bytesOf(array));
  return hash.digest('hex').slice(0, 16);
}

/** Whether rows `row` of two arrays of `width` elements a row are the same bits. */
export function sameBits(
  a: Float32Array | Int32Array,
  aRow: number,
  b: Float32Array | Int32Array,
  bRow: number,
  width: number,
): boolean {
  const part = (array: Float32Array | Int32Array, row: number) =>
    Buffer.from(array.buffer, array.byteOffset + 4 * row * width, 4 * width);
  return part(a, aRow).equals(part(b, bRow));
}

/** Chance that a correct token's score is above a wrong one's; equal scores count half. NaN without both kinds. */
export function rocAuc(scores: Float64Array, correct: Uint8Array): number {
  const wrong = scores.filter((_, index) => correct[index] === 0).sort();
  const right = scores.filter((_, index) => correct[index] === 1).sort();
  let [below, upTo, pairs] = [0, 0, 0];
  for (const score of right) {
    while (below < wrong.length && wrong[below]! < score) below++;
    while (upTo < wrong.length && wrong[upTo]! <= score) upTo++;
    pairs += (below + upTo) / 2;
  }
  return pairs / (right.length * wrong.length);
}
