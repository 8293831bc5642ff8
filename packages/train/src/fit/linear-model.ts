import { JudgeDecodingError } from '@judge-decoding/core';
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
  inputs.reduce((sum, { rows }) => sum + rows.width, 0);

/** A model of standardised inputs as one of raw inputs: w' = w / s, b' = b - sum w mu / s. */
export function fold({ weights, bias }: LinearModel, { mean, spread }: Standardisation): LinearModel {
  const folded = weights.map((weight, i) => weight / spread[i]!);
  return { weights: folded, bias: folded.reduce((sum, weight, i) => sum - weight * mean[i]!, bias) };
}

/** Calls `visit` with the inputs of every example, in order; the array is used again. */
export function eachInput(
  blocks: readonly InputBlock[],
  { row, count }: Pick<Examples, 'row' | 'count'>,
  visit: (values: Float32Array, example: number) => void,
): void {
  const values = new Float32Array(inputCount(blocks));
  for (let i = 0; i < count; i++) {
    let at = 0;
    for (const { rows, shift } of blocks) {
      rows.read(row[i]! + shift, values, at);
      at += rows.width;
    }
    visit(values, i);
  }
}

/** Logits of the examples; a state that is no number is an error that names its place. [count] */
export function logitsOf(
  { weights, bias }: LinearModel,
  blocks: readonly InputBlock[],
  examples: Pick<Examples, 'row' | 'count'>,
): Float64Array {
  const logits = new Float64Array(examples.count);
  eachInput(blocks, examples, (values, i) => {
    let logit = bias;
    for (let j = 0; j < values.length; j++) logit += weights[j]! * values[j]!;
    if (!Number.isFinite(logit)) throw notFinite(blocks, examples.row[i]!, values);
    logits[i] = logit;
  });
  return logits;
}

/** Names the first example that has a number which is none, if any has. */
export function requireFinite(
  blocks: readonly InputBlock[],
  examples: Pick<Examples, 'row' | 'count'>,
): void {
  eachInput(blocks, examples, (values, i) => {
    if (!values.every(Number.isFinite)) throw notFinite(blocks, examples.row[i]!, values);
  });
}

function notFinite(blocks: readonly InputBlock[], row: number, values: Float32Array): JudgeDecodingError {
  let unit = values.findIndex((value) => !Number.isFinite(value));
  const found = values[unit];
  const block = blocks.find(({ rows }) => {
    if (unit < rows.width) return true;
    unit -= rows.width;
    return false;
  });
  return new JudgeDecodingError(
    'invalid-input',
    found === undefined || block === undefined
      ? `Expected hidden states whose sums are finite: those of row ${row} are too large.`
      : `Expected finite hidden states, got ${found} in unit ${unit} of ${block.rows.placeOf(row + block.shift)}. Extract the features again, and check the model.`,
  );
}
