import type { TokenId } from '../backend.ts';
import { drawToken } from '../sampling/sampling.ts';
import { checkNumber } from './number-range.ts';
import type { Round, TokenwiseBase } from './rule.ts';
import { baseRow } from './rule-row.ts';

const NEEDS = { target: { logits: true }, draft: 'distribution' } as const;

/**
 * Speculative sampling: accept with probability min(1, p/q), where p is the target's and q the
 * draft's processed probability of the token; recover from norm(max(0, p - q)); the bonus comes
 * from p. The text has the target's distribution. Lossless. (Leviathan et al. 2023, algorithm 1;
 * Chen et al. 2023.)
 */
export function lossless(): TokenwiseBase {
  return { ...leniently(1), name: 'lossless', lossless: true };
}

const L = { name: 'l', above: 0, most: 1, example: 0.5 } as const;

/**
 * Lenience: accept with probability min(1, p / (l q)), l < 1. Recovered and bonus as in
 * speculative sampling, so no token comes with more than p / l. Not lossless. (Leviathan et al.
 * 2023, appendix A.5.)
 */
export function lenience(l: number): TokenwiseBase {
  checkNumber('l', L, l);
  return { ...leniently(l), name: `lenience(${l})`, lossless: l === 1 };
}

function leniently(l: number): Omit<TokenwiseBase, 'name' | 'lossless'> {
  return {
    kind: 'token-wise',
    needs: NEEDS,
    decoding: 'sampling',
    law: { kind: 'speculative', lenience: l },
    accepts(round, index) {
      const token = round.draft[index]!;
      const p = round.target.probs(index)[token]!;
      const q = round.draftTarget.probs(index)[token]!;
      // u < p / (l q) without the division, so that q = 0 is no special case
      return round.uniform(round.text.length + index, 'accept') * l * q < p;
    },
    recovered: drawResidual,
    bonus: drawBonus,
  };
}

/** Draws from norm(max(0, p - q)); from p where nothing is left of it (p and q are equal, up to rounding). */
export function drawResidual(round: Round, index: number): TokenId {
  const p = round.target.probs(index);
  const q = round.draftTarget.probs(index);
  const residual = p.map((value, id) => Math.max(0, value - q[id]!));
  const weights = residual.some((weight) => weight > 0) ? residual : p;
  return drawToken(weights, round.uniform(round.text.length + index, 'recovered'));
}

/** Draws from the target's distribution after the whole draft. */
export function drawBonus(round: Round): TokenId {
  const end = round.draft.length;
  return drawToken(round.target.probs(end), round.uniform(round.text.length + end, 'bonus'));
}

export const LOSSLESS = baseRow({
  name: 'lossless',
  parameters: [],
  sentence: 'speculative sampling, p / q; needs a temperature',
  source: 'Leviathan et al. 2023, Chen et al. 2023',
  lossless: true,
  build: lossless,
});

export const LENIENCE = baseRow({
  name: 'lenience',
  parameters: [L],
  sentence: 'accepts with p / (l q); needs a temperature',
  source: 'Leviathan et al. 2023, appendix A.5',
  lossless: false,
  build: ({ l }) => lenience(l),
});
