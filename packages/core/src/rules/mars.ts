import { checkNumber } from './number-range.ts';
import { OTHERS } from './reach.ts';
import type { Admission, Round } from './rule.ts';
import { admissionRow } from './rule-row.ts';

const RATIO = { name: 'ratio', above: 0, below: 1, default: 0.9 } as const;
const GAP = { name: 'gap', above: 0, example: 1 } as const;

/** The target's first and second choice, where the second is what was drafted. */
function runnerUp(round: Round, index: number) {
  const [first, second] = round.belief.top(index, 2);
  // a token that top-k or top-p took away is no choice
  if (second === undefined || second.logProb === Number.NEGATIVE_INFINITY) return undefined;
  return second.id === round.draft[index] ? { first: first!, second } : undefined;
}

/**
 * Margin-aware verification: the token is the target's second choice, and its raw logit is more than
 * `ratio` of the first's, both being positive. Not lossless. (MARS, arXiv 2601.15498, with 0.9.)
 *
 * The objection: a softmax does not change when all logits of a row move by the same amount, a ratio
 * of logits does. Two models of one distribution, one with logits (20, 18.1) and one with (3, 1.1), are
 * told apart by it; the same ratio asks for a gap of 2 at logits of 20 and of 0.3 at logits of 3, and
 * where the second is negative it means nothing, so such rows are rejected. How much a ratio lets in
 * is then a habit of one model's training. `margin` asks for the gap itself.
 */
export function mars({ ratio = RATIO.default as number } = {}): Admission {
  checkNumber('ratio', RATIO, ratio);
  return {
    name: 'mars',
    needs: { target: { top: 2 }, draft: 'nothing' },
    decoding: 'either',
    admits(round, index) {
      const found = runnerUp(round, index);
      // the second is at most the first, so where it is positive both are
      return found !== undefined && found.second.logit > 0 && found.second.logit > ratio * found.first.logit;
    },
    reach: () => OTHERS,
  };
}

/**
 * The form of `mars` that a shift of a row's logits does not change: the token is the target's second
 * choice, and its logit less than `gap` below the first's, which is ln p1 - ln p2 < gap. Not lossless.
 */
export function margin(gap: number): Admission {
  checkNumber('gap', GAP, gap);
  return {
    name: 'margin',
    needs: { target: { top: 2 }, draft: 'nothing' },
    decoding: 'either',
    admits(round, index) {
      const found = runnerUp(round, index);
      return found !== undefined && found.first.logProb - found.second.logProb < gap;
    },
    reach: () => OTHERS,
  };
}

export const MARS = admissionRow({
  name: 'mars',
  parameters: [RATIO],
  sentence: 'the target’s second choice, its raw logit more than this ratio of the first’s',
  source: 'MARS, arXiv 2601.15498',
  build: mars,
});

export const MARGIN = admissionRow({
  name: 'margin',
  parameters: [GAP],
  sentence: 'the target’s second choice, less than the gap below the first in logits',
  source: 'MARS without its dependence on a shift',
  build: ({ gap }) => margin(gap),
});
