import { invalidOption } from '../errors.ts';
import { headFor, type JudgeHead, judgeLogit, logitOf } from '../judge/judge-head.ts';
import { ANY, NOTHING } from './reach.ts';
import type { Admission, Round } from './rule.ts';
import { admissionRow } from './rule-row.ts';

/**
 * Judge decoding: admit where sigmoid(w . hidden + b) > threshold, the hidden state being the
 * target's at the token's own position, after reading it. Not lossless. (Bachmann et al. 2025,
 * equation 4: accept = standard OR judge.)
 *
 * When sampling, what is recovered still comes from norm(max(0, p - q)). With J(x) = 1 where the
 * judge admits x, D = sum max(0, p - q) and R = sum (1 - J) max(0, q - p), one position's output
 * is min(p, q) + J max(0, q - p) + (R/D) max(0, p - q): a total variation of
 * sum J max(0, q - p) from the target.
 *
 * Without a `threshold` it is the head's for the type of weights that the target runs.
 *
 * @throws JudgeDecodingError `invalid-option` for what is no head, or no threshold from 0 to 1
 */
export function judged(
  head: JudgeHead,
  options: { readonly threshold?: number | undefined } = {},
): Admission {
  if (!Array.isArray(head?.terms)) throw invalidOption('head', 'a judge head, as `readHead` gives it', head);
  // a bare number would leave the head's own threshold in force, and nobody would notice
  if (typeof options !== 'object' || options === null)
    throw invalidOption('judged’s options', 'an object such as `{ threshold: 0.9 }`', options);
  const { threshold } = options;
  const cut = logitOf(threshold ?? head.threshold);
  const logit = (round: Round, index: number) => judgeLogit(head, index + 1, round.dot);
  return {
    name: 'judge',
    needs: { target: { judge: head.terms }, draft: 'nothing' },
    decoding: 'either',
    // strictly greater, in logits: threshold 1 admits nothing, and NaN never passes
    admits: (round, index) => logit(round, index) > cut,
    logit,
    heads: [head],
    ...(threshold === undefined
      ? { forModel: (model) => judged(head, { threshold: headFor(head, model).threshold }) }
      : {}),
    reach: () => (cut === Number.POSITIVE_INFINITY ? NOTHING : ANY),
  };
}

export const JUDGE = admissionRow({
  name: 'judge',
  parameters: [{ name: 'threshold', least: 0, most: 1, default: 'the head’s' }],
  sentence: 'the judge head scores the token above the threshold',
  source: 'Bachmann et al. 2025',
  needsHead: true,
  build: ({ threshold }, { head }) => judged(head!, threshold === undefined ? {} : { threshold }),
});
