import { type AbortSignalLike, invalidOption } from '@judge-decoding/core';
import { breathe } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import { adamW } from './adamw.ts';
import { type ExamplePool, openPool } from './example-pool.ts';
import type { Examples, InputBlock } from './examples.ts';
import { requireBothClasses, shuffle, wrongWeightOf } from './fit-linear.ts';
import { rocAuc } from './roc-auc.ts';

export interface MlpOptions {
  /** Hidden units, with ReLU. */
  readonly hidden?: number;
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly batch?: number;
  readonly epochs?: number;
  readonly patience?: number;
  readonly seed?: number;
  readonly budget?: number | undefined;
  readonly signal?: AbortSignalLike | undefined;
}

/** Scores examples: larger is likelier correct. Only to be measured: no backend runs it. */
export type Scorer = (inputs: readonly InputBlock[], examples: Examples) => Promise<Float64Array>;

/**
 * One hidden layer, by AdamW on standardised inputs, stopped early by validation AUC: the comparison
 * that says whether a linear head leaves something behind.
 */
export async function fitMlp(
  inputs: readonly InputBlock[],
  examples: Examples,
  validation: Examples,
  options: MlpOptions = {},
): Promise<Scorer> {
  const { hidden = 32, learningRate = 1e-3, weightDecay = 0.1, batch = 128, epochs = 20 } = options;
  const { patience = 4, seed = 0, budget, signal } = options;
  if (!Number.isInteger(hidden) || hidden < 1)
    throw invalidOption('hidden', 'a whole number of at least 1', hidden);
  requireBothClasses(examples, 'to fit on');
  requireBothClasses(validation, 'to validate on');
  const { pool, standardisation } = await openPool(inputs, examples, { budget, signal });
  const validating = (await openPool(inputs, validation, { standardisation, budget, signal })).pool;
  const wrongWeight = wrongWeightOf(examples, 'balanced');
  const width = pool.inputs;
  // rows of the first layer, its biases, the second layer, its bias
  const parameters = new Float64Array(hidden * width + 2 * hidden + 1);
  const random = seededRandom('mlp', seed);
  const scale = Math.sqrt(2 / width);
  for (let i = 0; i < hidden * width; i++) parameters[i] = scale * gaussian(random);
  for (let i = hidden * width + hidden; i < parameters.length - 1; i++)
    parameters[i] = gaussian(random) / Math.sqrt(hidden);
  const optimiser = adamW(parameters.length, { weightDecay });
  const net = network(pool, hidden);
  let best: Float64Array = parameters.slice();
  let bestAuc = Number.NEGATIVE_INFINITY;
  let bestEpoch = 0;
  const order = Int32Array.from({ length: examples.count }, (_, i) => i);
  const total = epochs * Math.ceil(order.length / batch);
  for (let epoch = 1; epoch <= epochs && epoch - bestEpoch <= patience; epoch++) {
    shuffle(order, seededRandom('mlp order', seed, epoch));
    for (let start = 0; start < order.length; start += batch) {
      await breathe(signal);
      const picked = order.subarray(start, Math.min(start + batch, order.length));
      const gradient = net.gradient(parameters, picked, wrongWeight);
      optimiser.step(parameters, gradient, learningRate * (1 - optimiser.steps / total));
    }
    const auc = rocAuc(network(validating, hidden).scores(parameters), validation.correct);
    if (auc <= bestAuc) continue;
    bestAuc = auc;
    bestEpoch = epoch;
    best = parameters.slice();
  }
  return async (others, some) => {
    const { pool: measured } = await openPool(others, some, { standardisation, budget, signal });
    return network(measured, hidden).scores(best);
  };
}

/** The net over a pool, its first layer in the pool's kernel. */
export function network(pool: ExamplePool, hidden: number) {
  const { kernel, stride, inputs, count, correct } = pool;
  const weightsAt = kernel.reserve(hidden * stride * 8);
  const sumsAt = kernel.reserve(hidden * stride * 8);
  const put = (parameters: Float64Array) => {
    for (let unit = 0; unit < hidden; unit++)
      kernel
        .doubles(weightsAt + unit * stride * 8, inputs)
        .set(parameters.subarray(unit * inputs, (unit + 1) * inputs));
  };
  const first = hidden * inputs;
  const active = new Float64Array(hidden);
  const logitOf = (parameters: Float64Array, x: number): number => {
    let logit = parameters.at(-1)!;
    for (let unit = 0; unit < hidden; unit++) {
      const value = kernel.dot(x, weightsAt + unit * stride * 8, stride) + parameters[first + unit]!;
      active[unit] = Math.max(0, value);
      logit += active[unit]! * parameters[first + hidden + unit]!;
    }
    return logit;
  };
  return {
    scores(parameters: Float64Array): Float64Array {
      put(parameters);
      return Float64Array.from({ length: count }, (_, i) => logitOf(parameters, pool.at(i)));
    },
    /** Of the mean class-weighted cross-entropy over some examples. */
    gradient(parameters: Float64Array, picked: Int32Array, wrongWeight: number): Float64Array {
      put(parameters);
      kernel.doubles(sumsAt, hidden * stride).fill(0);
      const gradient = new Float64Array(parameters.length);
      for (const example of picked) {
        const x = pool.at(example);
        const logit = logitOf(parameters, x);
        const isCorrect = correct[example] === 1;
        const weight = (isCorrect ? 1 : wrongWeight) / picked.length;
        const slope = weight * (1 / (1 + Math.exp(-logit)) - (isCorrect ? 1 : 0));
        gradient[gradient.length - 1]! += slope;
        for (let unit = 0; unit < hidden; unit++) {
          if (active[unit] === 0) continue;
          const back = slope * parameters[first + hidden + unit]!;
          gradient[first + hidden + unit]! += slope * active[unit]!;
          gradient[first + unit]! += back;
          kernel.addScaled(sumsAt + unit * stride * 8, x, back, stride);
        }
      }
      for (let unit = 0; unit < hidden; unit++)
        gradient.set(kernel.doubles(sumsAt + unit * stride * 8, inputs), unit * inputs);
      return gradient;
    },
  };
}

const gaussian = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
