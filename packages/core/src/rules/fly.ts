import { invalidOption } from '../errors.ts';
import type { Admission } from './rule.ts';

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
export function fly({ window = 6, entropy = 0.3, counting = 'after' }: FlyOptions = {}): Admission {
  if (!Number.isInteger(window) || window < 1)
    throw invalidOption('window', 'a whole number of at least 1', window);
  if (!(entropy >= 0)) throw invalidOption('entropy', 'a number of at least 0', entropy);
  return {
    name: 'fly',
    needs: { target: { argmax: true, top: 3 }, draft: 'nothing' },
    decoding: 'greedy',
    admits(round, index) {
      const following = counting === 'after' ? window : window - 1;
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
  };
}
