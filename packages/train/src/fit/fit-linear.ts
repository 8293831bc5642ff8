import { type AbortSignalLike, invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import { breathe } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import { adamW } from './adamw.ts';
import { type Batch, crossEntropy } from './cross-entropy.ts';
import type { Examples, InputBlock } from './examples.ts';
import { fold, inputCount, type LinearModel, type Standardisation, standardise } from './linear-model.ts';

/** How a linear model is fitted. Batch and decay are the paper's; its learning rate of 1e-4 was far from done after 40 passes. */
export interface FitOptions {
  /** At the start; it falls to 0 over the epochs. */
  readonly learningRate?: number;
  readonly weightDecay?: number;
  readonly batch?: number;
  /** At most so many passes over the examples. */
  readonly epochs?: number;
  /** Stop after so many passes without a better validation loss. */
  readonly patience?: number;
  /** Weight of a wrong token; 'balanced' gives all wrong ones together the weight of all correct ones. */
  readonly wrongWeight?: number | 'balanced';
  readonly seed?: number;
  readonly signal?: AbortSignalLike | undefined;
}

export interface LinearFit {
  /** Of raw inputs: standardisation is folded in. */
  readonly model: LinearModel;
  /** The same model, of standardised inputs. */
  readonly standardised: LinearModel;
  readonly standardisation: Standardisation;
  /** Passes made, and the one whose weights were kept (counted from 1). */
  readonly epochs: number;
  readonly bestEpoch: number;
  /** Validation loss of the weights that were kept; NaN without a validation part. */
  readonly validationLoss: number;
}

/**
 * Logistic regression by AdamW on standardised inputs, with early stopping on a validation part, or
 * for all epochs where there is none.
 * The same examples, options and seed give the same bits.
 */
export async function fitLinear(
  inputs: readonly InputBlock[],
  examples: Examples,
  validation: Examples | undefined,
  options: FitOptions = {},
): Promise<LinearFit> {
  const {
    learningRate = 3e-3,
    weightDecay = 0.1,
    batch = 128,
    epochs = 40,
    patience = 6,
    seed = 0,
  } = options;
  if (!(learningRate > 0)) throw invalidOption('learningRate', 'a number above 0', learningRate);
  if (!(weightDecay >= 0)) throw invalidOption('weightDecay', 'a number of at least 0', weightDecay);
  if (!Number.isInteger(batch) || batch < 1)
    throw invalidOption('batch', 'a whole number of at least 1', batch);
  if (!Number.isInteger(epochs) || epochs < 1)
    throw invalidOption('epochs', 'a whole number of at least 1', epochs);
  requireBothClasses(examples, 'to fit on');
  if (validation !== undefined) requireBothClasses(validation, 'to validate on');
  const standardisation = standardise(inputs, examples);
  if (![...standardisation.mean, ...standardisation.spread].every(Number.isFinite)) {
    throw new JudgeDecodingError(
      'invalid-input',
      'Expected finite hidden states to fit on, got some that are not. Extract the features again, and check the model.',
    );
  }
  const wrongWeight = wrongWeightOf(examples, options.wrongWeight ?? 'balanced');
  const size = inputCount(inputs);
  const parameters = new Float64Array(size + 1);
  const gradient = new Float64Array(size + 1);
  const modelOf = (values: Float64Array): LinearModel => ({
    weights: values.subarray(0, size),
    bias: values[size]!,
  });
  const lossOf = (part: Examples, values: Float64Array) =>
    crossEntropy(modelOf(values), inputs, standardisation, part, inOrder(part.count), wrongWeight);

  const step = adamW(size + 1, { weightDecay });
  const order = Int32Array.from({ length: examples.count }, (_, i) => i);
  const random = seededRandom('fit', seed);
  const totalSteps = epochs * Math.ceil(examples.count / batch);
  let steps = 0;
  let best = parameters.slice();
  let bestLoss = validation === undefined ? Number.NaN : lossOf(validation, best);
  let bestEpoch = 0;
  let epoch = 0;
  while (epoch < epochs && epoch - bestEpoch < patience) {
    await breathe(options.signal);
    epoch++;
    shuffle(order, random);
    for (let start = 0; start < order.length; start += batch) {
      const end = Math.min(start + batch, order.length);
      crossEntropy(
        modelOf(parameters),
        inputs,
        standardisation,
        examples,
        { order, start, end },
        wrongWeight,
        gradient,
      );
      step(parameters, gradient, learningRate * (1 - steps / totalSteps));
      steps++;
    }
    const loss = validation === undefined ? Number.NaN : lossOf(validation, parameters);
    if (validation !== undefined && !(loss < bestLoss)) continue;
    best = parameters.slice();
    bestLoss = loss;
    bestEpoch = epoch;
  }
  const standardised = modelOf(best);
  return {
    model: fold(standardised, standardisation),
    standardised,
    standardisation,
    epochs: epoch,
    bestEpoch,
    validationLoss: bestLoss,
  };
}

export const inOrder = (count: number): Batch => ({
  order: Int32Array.from({ length: count }, (_, i) => i),
  start: 0,
  end: count,
});

/** Fisher and Yates. */
export function shuffle(values: Int32Array | Uint8Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    const kept = values[i]!;
    values[i] = values[j]!;
    values[j] = kept;
  }
}

function wrongWeightOf({ correct, count }: Examples, wanted: number | 'balanced'): number {
  if (wanted !== 'balanced') {
    if (!(wanted > 0)) throw invalidOption('wrongWeight', 'a number above 0 or `balanced`', wanted);
    return wanted;
  }
  const right = correct.reduce((sum, value) => sum + value, 0);
  return right / (count - right);
}

export function requireBothClasses({ correct, count }: Examples, what: string): void {
  const right = correct.reduce((sum, value) => sum + value, 0);
  if (right > 0 && right < count) return;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected correct and wrong tokens ${what}, got ${right} correct and ${count - right} wrong ones. Label more problems.`,
  );
}
