import { invalidOption } from '../errors.ts';
import type { Admission } from './rule.ts';

/**
 * Admits where target and draft nearly agree as distributions: KL(p || q) < threshold at the row
 * that predicts the token, unless the target is sure (max p > maskTop1). It never looks at which
 * token was drafted. Refused for drafts without a distribution. Not lossless.
 * (JuDi, arXiv 2601.04766: mask 0.9, example threshold 0.3.)
 */
export function kl(threshold: number, { maskTop1 = 0.9 } = {}): Admission {
  if (!(threshold > 0)) throw invalidOption('kl', 'a number above 0', threshold);
  if (!(maskTop1 > 0 && maskTop1 <= 1))
    throw invalidOption('maskTop1', 'a number above 0, at most 1', maskTop1);
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
  };
}
