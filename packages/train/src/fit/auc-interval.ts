import { seededRandom } from '@judge-decoding/tasks';
import type { Examples } from './examples.ts';

export interface AucEstimate {
  readonly auc: number;
  /**
   * 95 %: by bootstrap over problems, as tokens of one problem are alike, and where a class has fewer than
   * `FEW_TOKENS` no narrower than so few allow (`fewTokens`). NaN where a class is missing.
   */
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
  const right = scores.length - wrong;
  const few = Math.min(right, wrong) < FEW_TOKENS ? fewTokens(auc, right, wrong) : undefined;
  return {
    auc,
    low: Math.min(at(0.025), few?.low ?? 1),
    high: Math.max(at(0.975), few?.high ?? 0),
    tokens: scores.length,
    wrong,
  };
}

/** With fewer wrong tokens than this no figure says much. */
export const FEW_TOKENS = 20;

const Z = 1.959963984540054;

/**
 * The 95 % of an AUC over so many independent tokens of each class: where the distance to the one seen is z standard
 * errors of Hanley and McNeil's. Resampling a handful of wrong tokens knows nothing of those that were not seen, and has no width
 * at 0 and 1. (Newcombe 2006, Statistics in Medicine 25:559, method 5.)
 */
export function fewTokens(auc: number, right: number, wrong: number): { low: number; high: number } {
  if (Number.isNaN(auc)) return { low: Number.NaN, high: Number.NaN };
  const others = (right + wrong) / 2 - 1;
  const beyond = (truth: number) =>
    Math.abs(auc - truth) >
    Z *
      Math.sqrt(
        (truth * (1 - truth) * (1 + (others * (1 - truth)) / (2 - truth) + (others * truth) / (1 + truth))) /
          (right * wrong),
      );
  const edge = (outside: number) => {
    let [out, inside] = [outside, auc];
    for (let step = 0; step < 60; step++) {
      const middle = (out + inside) / 2;
      if (beyond(middle)) out = middle;
      else inside = middle;
    }
    return inside;
  };
  return { low: edge(0), high: edge(1) };
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
