import { seededRandom } from '@judge-decoding/tasks';
import type { Examples } from './examples.ts';

export interface AucEstimate {
  readonly auc: number;
  /** 95 %, by bootstrap over problems: tokens of one problem are alike. NaN where a class is missing. */
  readonly low: number;
  readonly high: number;
  readonly tokens: number;
  readonly wrong: number;
}

/** The chance that a correct token scores above a wrong one, ties counting half, and how sure that is. */
export function aucEstimate(
  scores: Float64Array,
  { correct, problem }: Pick<Examples, 'correct' | 'problem'>,
  { resamples = 400, seed = 0 }: { readonly resamples?: number; readonly seed?: number } = {},
): AucEstimate {
  const order = Int32Array.from({ length: scores.length }, (_, i) => i).sort(
    (a, b) => scores[a]! - scores[b]!,
  );
  const problems = problem.reduce((most, one) => Math.max(most, one), -1) + 1;
  const present = new Uint8Array(problems);
  for (const one of problem) present[one] = 1;
  const numbers = [...present.keys()].filter((one) => present[one] === 1);
  const auc = weightedAuc(scores, correct, problem, order, new Float64Array(problems).fill(1));
  const wrong = correct.reduce((sum, one) => sum + 1 - one, 0);
  const random = seededRandom('auc', seed);
  const drawn: number[] = [];
  for (let sample = 0; sample < resamples && !Number.isNaN(auc); sample++) {
    const counts = new Float64Array(problems);
    for (let i = 0; i < numbers.length; i++) counts[numbers[Math.floor(random() * numbers.length)]!]!++;
    const one = weightedAuc(scores, correct, problem, order, counts);
    if (!Number.isNaN(one)) drawn.push(one);
  }
  drawn.sort((a, b) => a - b);
  const at = (share: number) => drawn[Math.round(share * (drawn.length - 1))] ?? Number.NaN;
  return { auc, low: at(0.025), high: at(0.975), tokens: scores.length, wrong };
}

function weightedAuc(
  scores: Float64Array,
  correct: Uint8Array,
  problem: Int32Array,
  order: Int32Array,
  counts: Float64Array,
): number {
  let [below, pairs, right, wrong] = [0, 0, 0, 0];
  for (let start = 0; start < order.length; ) {
    let [end, rightHere, wrongHere] = [start, 0, 0];
    for (; end < order.length && scores[order[end]!] === scores[order[start]!]; end++) {
      const weight = counts[problem[order[end]!]!]!;
      if (correct[order[end]!] === 1) rightHere += weight;
      else wrongHere += weight;
    }
    pairs += rightHere * (below + wrongHere / 2);
    below += wrongHere;
    right += rightHere;
    wrong += wrongHere;
    start = end;
  }
  return right === 0 || wrong === 0 ? Number.NaN : pairs / (right * wrong);
}
