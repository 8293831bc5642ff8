import { invalidOption } from '../errors.ts';
import { checkNumber } from './number-range.ts';
import { ANY, NOTHING } from './reach.ts';
import type { Admission } from './rule.ts';
import { admissionRow } from './rule-row.ts';

const WINDOW = { name: 'window', whole: true, least: 1, default: 6 } as const;
const ENTROPY = { name: 'entropy', least: 0, default: 0.3 } as const;

/** Of three shares that sum to 1 at most: a third each. */
const MOST_ENTROPY = Math.log(3);

/** How FLy's window is counted. */
export interface FlyOptions {
  /** Tokens in the window; default 6, as in both sources. vLLM lowers its default to the draft length - 1. */
  readonly window?: number;
  /** Least H3 = -sum over the 3 most likely of p ln p (p from the whole softmax, not renormalised). */
  readonly entropy?: number;
  /**
   * 'after' (vLLM's `fly_window_size`): the window holds the decisions after the mismatch.
   * 'including' (the paper's `win_len`): it counts the mismatch itself, so one decision fewer.
   */
  readonly counting?: 'after' | 'including';
}

/**
 * Deferred window: a mismatch is admitted where the target is unsure (H3 >= 0.3) and then agrees
 * with the draft on every token of the window that follows. A window that does not fit in the
 * draft rejects. Greedy only. Not lossless. (FLy, arXiv 2511.22972; vLLM's
 * `rejection_sample_method: fly`.)
 */
export function fly({
  window = WINDOW.default,
  entropy = ENTROPY.default,
  counting = 'after',
}: FlyOptions = {}): Admission {
  checkNumber('window', WINDOW, window);
  checkNumber('entropy', ENTROPY, entropy);
  if (counting !== 'after' && counting !== 'including')
    throw invalidOption('counting', '`after` or `including`', counting);
  const following = counting === 'after' ? window : window - 1;
  return {
    name: 'fly',
    needs: { target: { argmax: true, top: 3 }, draft: 'nothing' },
    decoding: 'greedy',
    admits(round, index) {
      if (index + following >= round.draft.length) return false;
      const h3 = round.belief
        .top(index, 3)
        .reduce(
          (sum, { logProb }) =>
            logProb === Number.NEGATIVE_INFINITY ? sum : sum - Math.exp(logProb) * logProb,
          0,
        );
      if (!(h3 >= entropy)) return false;
      for (let i = index + 1; i <= index + following; i++) {
        if (round.draft[i] !== round.target.argmax(i)) return false;
      }
      return true;
    },
    reach: ({ draftLength }) => (following >= draftLength || entropy > MOST_ENTROPY ? NOTHING : ANY),
  };
}

export const FLY = admissionRow({
  name: 'fly',
  parameters: [WINDOW, ENTROPY],
  sentence: 'the target was unsure, and the next tokens of the window agree; greedy only',
  source: 'FLy, arXiv 2511.22972; vLLM',
  build: fly,
});
