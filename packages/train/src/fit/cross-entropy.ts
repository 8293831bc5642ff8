import type { ExamplePool } from './example-pool.ts';
import type { LinearModel } from './linear-model.ts';

/** ln(1 + e^x) without overflow. */
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Examples picked by index, from `start` to before `end`. */
export interface Batch {
  readonly order: Int32Array;
  readonly start: number;
  readonly end: number;
}

/** The gradient of a loss: [inputs], and the bias's last. [inputs + 1] */
export type Gradient = Float64Array;

/** The loss over a pool, with room of its own in the pool's kernel. */
export type Loss = (model: LinearModel, batch: Batch, gradient?: Gradient) => number;

/**
 * Class-weighted cross-entropy of a model of standardised inputs, the mean over the batch of
 *   v ln(1 + e^-z) for correct tokens (v = 1), v ln(1 + e^z) for wrong ones (v = wrongWeight),
 * and its gradient where `gradient` is given (it is overwritten).
 */
export function crossEntropy(pool: ExamplePool, wrongWeight: number): Loss {
  const { kernel, stride, inputs, correct } = pool;
  const weightsAt = kernel.reserve(stride * 8);
  const sumAt = kernel.reserve(stride * 8);
  return ({ weights, bias }, { order, start, end }, gradient) => {
    kernel.doubles(weightsAt, inputs).set(weights);
    if (gradient !== undefined) kernel.doubles(sumAt, stride).fill(0);
    let loss = 0;
    let biasSlope = 0;
    for (let at = start; at < end; at++) {
      const example = order[at]!;
      const x = pool.at(example);
      const logit = bias + kernel.dot(x, weightsAt, stride);
      const isCorrect = correct[example] === 1;
      const weight = isCorrect ? 1 : wrongWeight;
      loss += weight * softplus(isCorrect ? -logit : logit);
      if (gradient === undefined) continue;
      const slope = weight * (1 / (1 + Math.exp(-logit)) - (isCorrect ? 1 : 0));
      // the row is still in the processor's cache
      kernel.addScaled(sumAt, x, slope, stride);
      biasSlope += slope;
    }
    const count = Math.max(1, end - start);
    if (gradient !== undefined) {
      const sums = kernel.doubles(sumAt, inputs);
      for (let i = 0; i < inputs; i++) gradient[i] = sums[i]! / count;
      gradient[inputs] = biasSlope / count;
    }
    return loss / count;
  };
}
