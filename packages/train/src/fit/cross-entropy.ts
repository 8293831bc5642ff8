import type { Examples, InputBlock } from './examples.ts';
import type { LinearModel, Standardisation } from './linear-model.ts';

/** ln(1 + e^x) without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Examples picked by index, from `start` to before `end`. */
export interface Batch {
  readonly order: Int32Array;
  readonly start: number;
  readonly end: number;
}

/** The gradient of the loss: [inputs], and the bias's last. [inputs + 1] */
export type Gradient = Float64Array;

/**
 * Class-weighted cross-entropy of a model of standardised inputs, the mean over the batch of
 *   v ln(1 + e^-z) for correct tokens (v = 1), v ln(1 + e^z) for wrong ones (v = wrongWeight),
 * and its gradient where `gradient` is given (it is overwritten).
 */
export function crossEntropy(
  { weights, bias }: LinearModel,
  inputs: readonly InputBlock[],
  { mean, spread }: Standardisation,
  { row, correct }: Examples,
  { order, start, end }: Batch,
  wrongWeight: number,
  gradient?: Gradient,
): number {
  const size = weights.length;
  gradient?.fill(0);
  const z = new Float64Array(size);
  let loss = 0;
  for (let at = start; at < end; at++) {
    const example = order[at]!;
    let logit = bias;
    let input = 0;
    for (const { values, width, shift } of inputs) {
      const from = (row[example]! + shift) * width;
      for (let j = 0; j < width; j++, input++) {
        const value = (values[from + j]! - mean[input]!) / spread[input]!;
        z[input] = value;
        logit += weights[input]! * value;
      }
    }
    const isCorrect = correct[example] === 1;
    const weight = isCorrect ? 1 : wrongWeight;
    loss += weight * softplus(isCorrect ? -logit : logit);
    if (gradient === undefined) continue;
    const slope = weight * (1 / (1 + Math.exp(-logit)) - (isCorrect ? 1 : 0));
    for (let i = 0; i < size; i++) gradient[i] = gradient[i]! + slope * z[i]!;
    gradient[size] = gradient[size]! + slope;
  }
  const count = Math.max(1, end - start);
  if (gradient !== undefined) for (let i = 0; i <= size; i++) gradient[i] = gradient[i]! / count;
  return loss / count;
}
