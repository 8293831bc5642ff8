import { type HeadTerm, type HiddenName, hiddenNameOf } from '@judge-decoding/core';

/**
 * dot(weights of term t, hidden state of row j), at [j · terms + t]. Summed here, in float64 and always in
 * one order, so that a score is the same however a text was cut into passes; a few thousand products are
 * not worth a graph. [rows, terms]
 */
export function judgeDots(
  terms: readonly HeadTerm[],
  rows: number,
  /** [rows, hiddenSize] */
  statesOf: (state: HiddenName) => Float32Array,
): Float32Array {
  const dots = new Float32Array(rows * terms.length);
  for (const [index, term] of terms.entries()) {
    const { weights } = term;
    const states = statesOf(hiddenNameOf(term));
    const size = weights.length;
    for (let row = 0; row < rows; row++) {
      const from = row * size;
      let sum = 0;
      for (let i = 0; i < size; i++) sum += weights[i]! * states[from + i]!;
      dots[row * terms.length + index] = sum;
    }
  }
  return dots;
}
