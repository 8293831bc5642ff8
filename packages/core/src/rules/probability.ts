import { checkNumber } from './number-range.ts';
import { ANY, FIRST } from './reach.ts';
import type { Admission } from './rule.ts';
import { admissionRow } from './rule-row.ts';

const K = { name: 'k', whole: true, least: 1, example: 2 } as const;
const EPSILON = { name: 'epsilon', above: 0, most: 1, default: 0.09 } as const;
const DELTA = { name: 'delta', above: 0, most: 1, default: 0.3 } as const;
const N = { name: 'n', whole: true, least: 1, default: 10 } as const;
const WITHIN = { name: 'delta', least: 0, most: 1, default: 0.6 } as const;
const ALPHA = { name: 'alpha', least: 0, most: 1, example: 0.5 } as const;
const LEAST = { name: 'least', least: 0, below: 1, example: 0.1 } as const;

/** Admits the target's k most likely tokens. Not lossless. (A baseline in Bachmann et al. 2025.) */
export function topK(k: number): Admission {
  checkNumber('k', K, k);
  return {
    name: 'topk',
    needs: { target: { top: k }, draft: 'nothing' },
    decoding: 'either',
    admits: (round, index) => round.belief.top(index, k).some(({ id }) => id === round.draft[index]),
    reach: () => (k === 1 ? FIRST : ANY),
  };
}

/**
 * Typical acceptance: p(c) > min(epsilon, delta exp(-H)), H the entropy of p. Not lossless.
 * (Cai et al. 2024, "Medusa"; the defaults are its example's.)
 */
export function typical({
  epsilon = EPSILON.default as number,
  delta = DELTA.default as number,
} = {}): Admission {
  checkNumber('epsilon', EPSILON, epsilon);
  checkNumber('delta', DELTA, delta);
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
export function relaxed({ n = N.default as number, delta = WITHIN.default as number } = {}): Admission {
  checkNumber('n', N, n);
  checkNumber('delta', WITHIN, delta);
  return {
    name: 'relaxed',
    needs: { target: { top: n }, draft: 'nothing' },
    decoding: 'either',
    admits(round, index) {
      const best = round.belief.top(index, n);
      const own = best.find(({ id }) => id === round.draft[index]);
      return own !== undefined && Math.exp(own.logProb) >= Math.exp(best[0]!.logProb) - delta;
    },
    // with a delta of 0 it still admits what ties with the first
    reach: () => (n === 1 ? FIRST : ANY),
  };
}

/** Cascade, token rule: p(c) >= (1 - alpha) max p. Not lossless. (Narasimhan et al. 2024, SpecCascade.) */
export function cascade(alpha: number): Admission {
  checkNumber('alpha', ALPHA, alpha);
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
  checkNumber('least', LEAST, least);
  return {
    name: 'floor',
    needs: { target: { chosen: true }, draft: 'nothing' },
    decoding: 'either',
    admits: ({ belief }, index) => Math.exp(belief.logProb(index)) > least,
    // two tokens cannot both have more than half
    reach: () => (least >= 0.5 ? FIRST : ANY),
  };
}

export const TOP_K = admissionRow({
  name: 'topk',
  parameters: [K],
  sentence: 'the token is among the target’s k most likely',
  source: 'a baseline in Bachmann et al. 2025',
  build: ({ k }) => topK(k),
});

export const TYPICAL = admissionRow({
  name: 'typical',
  parameters: [EPSILON, DELTA],
  sentence: 'typical acceptance: the target gives it more than epsilon, or than delta exp(-entropy)',
  source: 'Medusa, Cai et al. 2024',
  build: typical,
});

export const RELAXED = admissionRow({
  name: 'relaxed',
  parameters: [N, WITHIN],
  sentence: 'among the n most likely, and within delta of the first',
  source: 'TensorRT-LLM’s relaxed acceptance',
  build: relaxed,
});

export const CASCADE = admissionRow({
  name: 'cascade',
  parameters: [ALPHA],
  sentence: 'the target gives it at least 1 - alpha of what it gives its first choice',
  source: 'SpecCascade, Narasimhan et al. 2024',
  build: ({ alpha }) => cascade(alpha),
});

export const FLOOR = admissionRow({
  name: 'floor',
  parameters: [LEAST],
  sentence: 'the target gives it more than this probability',
  source: 'a bound',
  build: ({ least }) => floor(least),
});
