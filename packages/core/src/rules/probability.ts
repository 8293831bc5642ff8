import { invalidOption } from '../errors.ts';
import type { Admission } from './rule.ts';

/** Admits the target's k most likely tokens. Not lossless. (A baseline in Bachmann et al. 2025.) */
export function topK(k: number): Admission {
  if (!Number.isInteger(k) || k < 1) throw invalidOption('topk', 'a whole number of at least 1', k);
  return {
    name: 'topk',
    needs: { target: { top: k }, draft: 'nothing' },
    decoding: 'either',
    admits: (round, index) => round.belief.top(index, k).some(({ id }) => id === round.draft[index]),
  };
}

/**
 * Typical acceptance: p(c) > min(epsilon, delta exp(-H)), H the entropy of p. Not lossless.
 * (Cai et al. 2024, "Medusa"; the defaults are its example's.)
 */
export function typical({ epsilon = 0.09, delta = 0.3 } = {}): Admission {
  if (!(epsilon > 0 && epsilon <= 1)) throw invalidOption('epsilon', 'a number above 0, at most 1', epsilon);
  if (!(delta > 0 && delta <= 1)) throw invalidOption('delta', 'a number above 0, at most 1', delta);
  return {
    name: 'typical',
    needs: { target: { chosen: true, top: 1 }, draft: 'nothing' },
    decoding: 'either',
    admits: ({ belief }, index) =>
      Math.exp(belief.logProb(index)) > Math.min(epsilon, delta * Math.exp(-belief.entropy(index))),
  };
}

/**
 * Relaxed acceptance: among the n most likely and p(c) >= max p - delta. Not lossless.
 * (TensorRT-LLM `relaxed_topk`, `relaxed_delta`.)
 */
export function relaxed({ n = 10, delta = 0.6 } = {}): Admission {
  if (!Number.isInteger(n) || n < 1) throw invalidOption('n', 'a whole number of at least 1', n);
  if (!(delta >= 0 && delta <= 1)) throw invalidOption('delta', 'a number from 0 to 1', delta);
  return {
    name: 'relaxed',
    needs: { target: { top: n }, draft: 'nothing' },
    decoding: 'either',
    admits(round, index) {
      const best = round.belief.top(index, n);
      const own = best.find(({ id }) => id === round.draft[index]);
      return own !== undefined && Math.exp(own.logProb) >= Math.exp(best[0]!.logProb) - delta;
    },
  };
}

/** Cascade, token rule: p(c) >= (1 - alpha) max p. Not lossless. (Narasimhan et al. 2024, SpecCascade.) */
export function cascade(alpha: number): Admission {
  if (!(alpha >= 0 && alpha <= 1)) throw invalidOption('cascade', 'a number from 0 to 1', alpha);
  return {
    name: 'cascade',
    needs: { target: { chosen: true, top: 1 }, draft: 'nothing' },
    decoding: 'either',
    admits: ({ belief }, index) =>
      Math.exp(belief.logProb(index)) >= (1 - alpha) * Math.exp(belief.top(index, 1)[0]!.logProb),
  };
}

/** A floor on the target's probability: p(c) > least. Not lossless. */
export function floor(least: number): Admission {
  if (!(least >= 0 && least < 1)) throw invalidOption('floor', 'a number from 0, below 1', least);
  return {
    name: 'floor',
    needs: { target: { chosen: true }, draft: 'nothing' },
    decoding: 'either',
    admits: ({ belief }, index) => Math.exp(belief.logProb(index)) > least,
  };
}
