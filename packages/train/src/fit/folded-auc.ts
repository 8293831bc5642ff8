import type { AbortSignalLike } from '@judge-decoding/core';
import { seededRandom } from '@judge-decoding/tasks';
import type { FeatureSet } from '../features/feature-set.ts';
import { type AucEstimate, aucEstimate } from './auc-interval.ts';
import {
  type Examples,
  examplesOf,
  examplesWhere,
  type HeadShape,
  inputsOf,
  splitByProblem,
} from './examples.ts';
import { fitLogistic } from './fit-logistic.ts';
import { logitsOf } from './linear-model.ts';

export interface FoldOptions {
  readonly folds?: number;
  readonly seed?: number;
  readonly signal?: AbortSignalLike | undefined;
}

/**
 * For few labels, where a held-out part has next to no wrong tokens: the AUC over all tokens that standard verification
 * rejects, each scored by a logistic regression that has seen nothing of its problem. Problems with a wrong token are
 * dealt evenly over the folds. It is about the way of making heads; no one head has it.
 *
 * @throws JudgeDecodingError `invalid-input` where the other folds lack a class.
 */
export async function foldedAuc(
  set: FeatureSet,
  shape: HeadShape,
  { folds = 5, seed = 0, signal }: FoldOptions = {},
): Promise<AucEstimate> {
  const all = examplesOf(set);
  const asked = examplesWhere(all, (i) => all.mismatch[i] === 1);
  const foldOf = dealt(asked, folds, seed);
  const inputs = inputsOf(set, shape);
  const scores = new Float64Array(asked.count);
  for (let fold = 0; fold < folds; fold++) {
    const inFold = (i: number) => foldOf.get(asked.problem[i]!) === fold;
    const own = examplesWhere(asked, inFold);
    if (own.count === 0) continue;
    const { rest, part } = splitByProblem(
      examplesWhere(asked, (i) => !inFold(i)),
      0.2,
      seed,
    );
    const { model } = await fitLogistic(inputs, rest, part, { signal });
    const logits = logitsOf(model, inputs, own);
    let next = 0;
    for (let i = 0; i < asked.count; i++) if (inFold(i)) scores[i] = logits[next++]!;
  }
  return aucEstimate(scores, asked, { seed });
}

function dealt({ problem, correct }: Examples, folds: number, seed: number): ReadonlyMap<number, number> {
  const wrong = new Set(problem.filter((_, i) => correct[i] === 0));
  const others = new Set(problem.filter((one) => !wrong.has(one)));
  const random = seededRandom('folds', seed);
  const order = [wrong, others].flatMap((some) => {
    const drawn = [...some].map((one) => [random(), one] as const).sort(([a], [b]) => a - b);
    return drawn.map(([, one]) => one);
  });
  return new Map(order.map((one, rank) => [one, rank % folds]));
}
