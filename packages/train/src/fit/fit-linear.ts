import { type AbortSignalLike, invalidOption, JudgeDecodingError } from '@judge-decoding/core';
import { breathe } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import { adamW } from './adamw.ts';
import { type Batch, crossEntropy } from './cross-entropy.ts';
import { openPool, type PoolOptions } from './example-pool.ts';
import type { Examples, InputBlock } from './examples.ts';
import type { FitKeeper } from './fit-state.ts';
import { fold, type LinearModel, requireFinite, type Standardisation } from './linear-model.ts';

/** How a linear model is fitted. Batch and decay are the paper's; its learning rate of 1e-4 was far from done after 40 passes. */
export interface FitOptions {
  /** At the start; it falls to 0 over the epochs, or stays where `schedule` is `constant`. */
  readonly learningRate?: number;
  readonly schedule?: 'linear' | 'constant';
  readonly weightDecay?: number;
  readonly batch?: number;
  /** At most so many passes over the examples. */
  readonly epochs?: number;
  /** Stop after so many passes without a better validation loss. */
  readonly patience?: number;
  /** Weight of a wrong token; 'balanced' gives all wrong ones together the weight of all correct ones. */
  readonly wrongWeight?: number | 'balanced';
  readonly seed?: number;
  /** Bytes of examples that may stay in memory; more are read again in every pass. */
  readonly budget?: number | undefined;
  readonly signal?: AbortSignalLike | undefined;
}

/** The settings that Bachmann et al. 2025 state, as far as they do: no schedule and no standardisation is known. */
export const PAPER_RECIPE = {
  learningRate: 1e-4,
  schedule: 'constant',
  weightDecay: 0.1,
  batch: 128,
} as const satisfies FitOptions;

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

/** Under which name, and of what data, a fit keeps how far it has come. */
export interface KeptAs {
  readonly keeper: FitKeeper;
  readonly name: string;
  /** Digest of the data; a fit of other data or settings begins anew. */
  readonly data: string;
}

/**
 * Logistic regression by AdamW on standardised inputs, with early stopping on a validation part, or
 * for all epochs where there is none.
 * The same examples, options and seed give the same bits, also where it was killed and started again:
 * what is kept after every epoch is all that the next one needs.
 */
export async function fitLinear(
  inputs: readonly InputBlock[],
  examples: Examples,
  validation: Examples | undefined,
  options: FitOptions = {},
  kept?: KeptAs,
): Promise<LinearFit> {
  const settings = checked(options);
  const { learningRate, schedule, weightDecay, batch, epochs, patience, seed } = settings;
  const { signal, budget } = options;
  requireBothClasses(examples, 'to fit on');
  if (validation !== undefined) requireBothClasses(validation, 'to validate on');
  const wrongWeight = wrongWeightOf(examples, options.wrongWeight ?? 'balanced');
  const { pool, standardisation } = await openPool(inputs, examples, { signal, budget });
  const loss = crossEntropy(pool, wrongWeight);
  const size = pool.inputs;
  const parameters = new Float64Array(size + 1);
  const gradient = new Float64Array(size + 1);
  const validationLoss =
    validation === undefined
      ? () => Number.NaN
      : await lossOver(inputs, validation, wrongWeight, { standardisation, signal, budget });

  const optimiser = adamW(size + 1, { weightDecay });
  const order = new Int32Array(examples.count);
  const totalSteps = epochs * Math.ceil(examples.count / batch);
  let best: Float64Array = parameters.slice();
  let bestLoss = validationLoss(modelOf(best));
  let bestEpoch = 0;
  let epoch = 0;
  const described = { ...settings, wrongWeight, size, data: kept?.data };
  const before = await kept?.keeper.load(kept.name, described);
  if (before !== undefined) {
    parameters.set(before.arrays.parameters!);
    optimiser.first.set(before.arrays.first!);
    optimiser.second.set(before.arrays.second!);
    best = before.arrays.best!;
    const { numbers } = before;
    [epoch, bestEpoch, optimiser.steps] = [numbers.epoch!, numbers.bestEpoch!, numbers.steps!];
    bestLoss = numbers.bestLoss ?? Number.NaN;
  }
  while (epoch < epochs && epoch - bestEpoch < patience) {
    epoch++;
    // its own order for every epoch, so that none depends on how the ones before were run
    for (let i = 0; i < order.length; i++) order[i] = i;
    shuffle(order, seededRandom('fit', seed, epoch));
    for (let start = 0; start < order.length; start += batch) {
      if ((start / batch) % 16 === 0) await breathe(signal);
      const end = Math.min(start + batch, order.length);
      loss(modelOf(parameters), { order, start, end }, gradient);
      const share = schedule === 'linear' ? 1 - optimiser.steps / totalSteps : 1;
      optimiser.step(parameters, gradient, learningRate * share);
    }
    const now = validationLoss(modelOf(parameters));
    if (validation === undefined || now < bestLoss) {
      best = parameters.slice();
      bestLoss = now;
      bestEpoch = epoch;
    }
    const { first, second, steps } = optimiser;
    await kept?.keeper.save(kept.name, described, {
      arrays: { parameters, first, second, best },
      numbers: { epoch, bestEpoch, steps, ...(Number.isNaN(bestLoss) ? {} : { bestLoss }) },
    });
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

const modelOf = (values: Float64Array): LinearModel => ({
  weights: values.subarray(0, values.length - 1),
  bias: values.at(-1)!,
});

/** The mean loss of a model of standardised inputs over other examples. */
export async function lossOver(
  inputs: readonly InputBlock[],
  examples: Examples,
  wrongWeight: number,
  options: PoolOptions,
): Promise<(model: LinearModel) => number> {
  const { pool } = await openPool(inputs, examples, options);
  const loss = crossEntropy(pool, wrongWeight);
  const all = inOrder(examples.count);
  return (model) => {
    const value = loss(model, all);
    if (!Number.isFinite(value)) requireFinite(inputs, examples);
    return value;
  };
}

function checked({
  learningRate = 3e-3,
  schedule = 'linear',
  weightDecay = 0.1,
  batch = 128,
  epochs = 40,
  patience = 6,
  seed = 0,
}: FitOptions) {
  if (!(learningRate > 0)) throw invalidOption('learningRate', 'a number above 0', learningRate);
  if (!(weightDecay >= 0)) throw invalidOption('weightDecay', 'a number of at least 0', weightDecay);
  if (!Number.isInteger(batch) || batch < 1)
    throw invalidOption('batch', 'a whole number of at least 1', batch);
  if (!Number.isInteger(epochs) || epochs < 1)
    throw invalidOption('epochs', 'a whole number of at least 1', epochs);
  return { learningRate, schedule, weightDecay, batch, epochs, patience, seed };
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

export function wrongWeightOf({ correct, count }: Examples, wanted: number | 'balanced'): number {
  if (wanted !== 'balanced') {
    if (!(wanted > 0)) throw invalidOption('wrongWeight', 'a number above 0 or `balanced`', wanted);
    return wanted;
  }
  const right = correct.reduce((sum, value) => sum + value, 0);
  return right / (count - right);
}

/** How the message ends of a fit that lacks labels (`invalid-input`): a program may put its own way to more there. */
export const LABEL_MORE = 'Label more problems.';

export function requireBothClasses({ correct, count }: Examples, what: string): void {
  const right = correct.reduce((sum, value) => sum + value, 0);
  if (right > 0 && right < count) return;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected correct and wrong tokens ${what}, got ${right} correct and ${count - right} wrong ones. ${LABEL_MORE}`,
  );
}
