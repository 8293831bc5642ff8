import type { Examples, InputBlock } from './examples.ts';

/** A linear model of a logit: bias + sum over all inputs of weight * input, blocks one after another. */
export interface LinearModel {
  readonly weights: Float64Array;
  readonly bias: number;
}

/** Where inputs lie and how far they spread. [inputs] each. */
export interface Standardisation {
  readonly mean: Float64Array;
  /** Never 0: an input that does not vary has spread 1. */
  readonly spread: Float64Array;
}

export const inputCount = (inputs: readonly InputBlock[]): number =>
  inputs.reduce((sum, { width }) => sum + width, 0);

/** Mean and standard deviation of every input over the examples. */
export function standardise(inputs: readonly InputBlock[], { row, count }: Examples): Standardisation {
  const size = inputCount(inputs);
  const mean = new Float64Array(size);
  const spread = new Float64Array(size);
  const each = (visit: (input: number, value: number) => void) => {
    for (let i = 0; i < count; i++) {
      let input = 0;
      for (const { values, width, shift } of inputs) {
        const start = (row[i]! + shift) * width;
        for (let j = 0; j < width; j++) visit(input++, values[start + j]!);
      }
    }
  };
  each((input, value) => {
    mean[input] = mean[input]! + value;
  });
  for (let input = 0; input < size; input++) mean[input] = mean[input]! / Math.max(1, count);
  // two passes: pre-norm states have means far larger than their spread
  each((input, value) => {
    const off = value - mean[input]!;
    spread[input] = spread[input]! + off * off;
  });
  for (let input = 0; input < size; input++) {
    const deviation = Math.sqrt(spread[input]! / Math.max(1, count));
    spread[input] = deviation > 1e-12 ? deviation : 1;
  }
  return { mean, spread };
}

/** A model of standardised inputs as one of raw inputs: w' = w / s, b' = b - sum w mu / s. */
export function fold({ weights, bias }: LinearModel, { mean, spread }: Standardisation): LinearModel {
  const folded = weights.map((weight, i) => weight / spread[i]!);
  return { weights: folded, bias: folded.reduce((sum, weight, i) => sum - weight * mean[i]!, bias) };
}

/** Logits of the examples. [count] */
export function logitsOf(
  { weights, bias }: LinearModel,
  inputs: readonly InputBlock[],
  { row, count }: Examples,
): Float64Array {
  const logits = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let logit = bias;
    let input = 0;
    for (const { values, width, shift } of inputs) {
      const start = (row[i]! + shift) * width;
      for (let j = 0; j < width; j++) logit += weights[input++]! * values[start + j]!;
    }
    logits[i] = logit;
  }
  return logits;
}
