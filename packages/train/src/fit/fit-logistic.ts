import { type AbortSignalLike, invalidOption } from '@judge-decoding/core';
import { breathe } from '@judge-decoding/long-work';
import { crossEntropy } from './cross-entropy.ts';
import { openPool } from './example-pool.ts';
import type { Examples, InputBlock } from './examples.ts';
import { inOrder, type KeptAs, requireBothClasses, wrongWeightOf } from './fit-linear.ts';
import { lbfgs } from './lbfgs.ts';
import { fold, type LinearModel, logitsOf, type Standardisation } from './linear-model.ts';
import { rocAuc } from './roc-auc.ts';

/** AutoJudge's grid: (sqrt 10)^-k for k = 14 .. 1, then 1, 3, 10, 50, 100. */
export const C_GRID: readonly number[] = [
  ...Array.from({ length: 14 }, (_, i) => Math.sqrt(10) ** -(14 - i)),
  1,
  3,
  10,
  50,
  100,
];

export interface LogisticOptions {
  /** Ascending; each fit starts from the one before it. */
  readonly grid?: readonly number[];
  readonly wrongWeight?: number | 'balanced';
  /** Largest slope at which a fit is done, of the loss as scikit-learn has it, divided by C and the examples' weight. */
  readonly tolerance?: number;
  readonly iterations?: number;
  /** The grid is left after so many steps whose validation AUC is below the best. */
  readonly patience?: number;
  readonly budget?: number | undefined;
  readonly signal?: AbortSignalLike | undefined;
}

export interface GridPoint {
  readonly c: number;
  /** ROC-AUC on the validation part. */
  readonly auc: number;
  readonly iterations: number;
}

export interface LogisticFit {
  /** Of raw inputs: standardisation is folded in. */
  readonly model: LinearModel;
  readonly standardised: LinearModel;
  readonly standardisation: Standardisation;
  readonly c: number;
  readonly grid: readonly GridPoint[];
}

/**
 * Logistic regression to convergence, by L-BFGS: minimises, as scikit-learn does,
 *   C sum v ln(1 + e^(-y z)) + |w|^2 / 2    (the bias is not penalised)
 * on standardised inputs, for every C of a grid; the one with the best validation AUC is kept. What was
 * finished of a grid is kept by `kept`: killed and started again it ends with the same bits.
 */
export async function fitLogistic(
  inputs: readonly InputBlock[],
  examples: Examples,
  validation: Examples,
  options: LogisticOptions = {},
  kept?: KeptAs,
): Promise<LogisticFit> {
  const { grid = C_GRID, tolerance = 1e-5, iterations = 300, patience = 4, signal, budget } = options;
  if (grid.length === 0 || grid.some((c, i) => !(c > (grid[i - 1] ?? 0))))
    throw invalidOption('grid', 'ascending numbers above 0', grid.join(', '));
  requireBothClasses(examples, 'to fit on');
  requireBothClasses(validation, 'to validate on');
  const wrongWeight = wrongWeightOf(examples, options.wrongWeight ?? 'balanced');
  const { pool, standardisation } = await openPool(inputs, examples, { signal, budget });
  const loss = crossEntropy(pool, wrongWeight);
  const all = inOrder(examples.count);
  const size = pool.inputs;
  const weight = examples.correct.reduce((sum, correct) => sum + (correct === 1 ? 1 : wrongWeight), 0);

  let at: Float64Array = new Float64Array(size + 1);
  let best: { readonly parameters: Float64Array; readonly c: number; readonly auc: number } | undefined;
  const points: GridPoint[] = [];
  let worse = 0;
  for (const c of grid) {
    const settings = {
      recipe: 'logistic',
      c,
      grid,
      tolerance,
      iterations,
      wrongWeight,
      size,
      data: kept?.data,
    };
    const name = `${kept?.name}-c-${c.toExponential(3)}`;
    const before = await kept?.keeper.load(name, settings);
    let made = before?.numbers.iterations ?? 0;
    if (before !== undefined) at = before.arrays.parameters!;
    else {
      const penalty = 1 / (c * weight);
      const found = await lbfgs(at, {
        tolerance,
        iterations,
        breathe: () => breathe(signal),
        value(parameters, gradient) {
          const model = { weights: parameters.subarray(0, size), bias: parameters[size]! };
          // the mean over the examples, as a mean over their weight
          const share = examples.count / weight;
          let value = loss(model, all, gradient) * share;
          for (let i = 0; i <= size; i++) gradient[i] = gradient[i]! * share;
          for (let i = 0; i < size; i++) {
            value += (penalty / 2) * parameters[i]! ** 2;
            gradient[i] = gradient[i]! + penalty * parameters[i]!;
          }
          return value;
        },
      });
      at = found.at;
      made = found.iterations;
      await kept?.keeper.save(name, settings, { arrays: { parameters: at }, numbers: { iterations: made } });
    }
    const model = fold({ weights: at.subarray(0, size), bias: at[size]! }, standardisation);
    const auc = rocAuc(logitsOf(model, inputs, validation), validation.correct);
    points.push({ c, auc, iterations: made });
    if (best === undefined || auc > best.auc) {
      best = { parameters: at, c, auc };
      worse = 0;
    } else if (++worse >= patience) break;
  }
  const { parameters, c } = best!;
  const standardised = { weights: parameters.subarray(0, size), bias: parameters[size]! };
  return { model: fold(standardised, standardisation), standardised, standardisation, c, grid: points };
}
