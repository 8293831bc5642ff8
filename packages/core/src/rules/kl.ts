import { checkNumber } from './number-range.ts';
import { ANY, NOTHING } from './reach.ts';
import type { Admission } from './rule.ts';
import { admissionRow } from './rule-row.ts';

const THRESHOLD = { name: 'threshold', above: 0, example: 0.3 } as const;
const MASK = { name: 'maskTop1', above: 0, most: 1, default: 0.9 } as const;

/**
 * Admits where target and draft nearly agree as distributions: KL(p || q) < threshold at the row
 * that predicts the token, unless the target is sure (max p > maskTop1). It never looks at which
 * token was drafted. Refused for drafts without a distribution. Not lossless.
 * (JuDi, arXiv 2601.04766: mask 0.9, example threshold 0.3.)
 */
export function kl(threshold: number, { maskTop1 = MASK.default as number } = {}): Admission {
  checkNumber('threshold', THRESHOLD, threshold);
  checkNumber('maskTop1', MASK, maskTop1);
  return {
    name: 'kl',
    needs: { target: { logits: true }, draft: 'full' },
    decoding: 'either',
    admits({ belief, draftBelief }, index) {
      const p = belief.probs(index);
      const q = draftBelief.probs(index);
      let divergence = 0;
      let highest = 0;
      for (let id = 0; id < p.length; id++) {
        const probability = p[id]!;
        if (probability > highest) highest = probability;
        // p > 0 = q makes the divergence infinite, which is the right answer
        if (probability > 0) divergence += probability * Math.log(probability / q[id]!);
      }
      return highest <= maskTop1 && divergence < threshold;
    },
    // the likeliest of n tokens has 1/n at least
    reach: ({ vocabSize }) => (maskTop1 * vocabSize < 1 ? NOTHING : ANY),
  };
}

export const KL = admissionRow({
  name: 'kl',
  parameters: [THRESHOLD, MASK],
  sentence:
    'draft and target differ by less than the threshold there, in nats, and the target gives no token more than maskTop1',
  source: 'JuDi, arXiv 2601.04766',
  build: ({ threshold, maskTop1 }) => kl(threshold, { maskTop1 }),
});
