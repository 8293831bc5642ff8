import type { TokenId } from '../backend.ts';
import { argmax, drawToken } from '../sampling/sampling.ts';
import { drawBonus } from './lossless.ts';
import { checkNumber } from './number-range.ts';
import type { Round, TokenwiseBase } from './rule.ts';
import { baseRow } from './rule-row.ts';

const WEIGHT = { name: 'weight', above: 0, most: 1, example: 0.7 } as const;

/**
 * Static ensemble: standard verification against v = w p + (1 - w) q instead of p. Sampling:
 * accept with probability min(1, v/q), recover from norm(max(0, v - q)), which is
 * norm(max(0, p - q)) for w > 0. Greedy: accept and recover argmax v. The bonus comes from p.
 * Not lossless for w < 1. (transformers, `assistant_ensemble_weight`; Pareto-optimal in total
 * variation by DIVERSED, proposition 1.) `greedy` and `sampling` differ in law, so say which.
 */
export function ensemble(w: number, decoding: 'greedy' | 'sampling'): TokenwiseBase {
  checkNumber('weight', WEIGHT, w);
  const mixture = (round: Round, index: number) => {
    const q = round.draftTarget.probs(index);
    return round.target.probs(index).map((p, id) => w * p + (1 - w) * q[id]!);
  };
  const common = {
    kind: 'token-wise',
    name: `ensemble(${w})`,
    needs: { target: { logits: true }, draft: 'distribution' },
    decoding,
    lossless: w === 1,
  } as const;
  if (decoding === 'greedy') {
    const favourite = (round: Round, index: number): TokenId => argmax(mixture(round, index));
    return {
      ...common,
      accepts: (round, index) => round.draft[index] === favourite(round, index),
      recovered: favourite,
      bonus: (round) => round.target.argmax(round.draft.length),
    };
  }
  return {
    ...common,
    accepts(round, index) {
      const token = round.draft[index]!;
      const v = mixture(round, index)[token]!;
      const q = round.draftTarget.probs(index)[token]!;
      return round.uniform(round.text.length + index, 'accept') * q < v;
    },
    recovered(round, index) {
      const v = mixture(round, index);
      const q = round.draftTarget.probs(index);
      const residual = v.map((value, id) => Math.max(0, value - q[id]!));
      const weights = residual.some((weight) => weight > 0) ? residual : v;
      return drawToken(weights, round.uniform(round.text.length + index, 'recovered'));
    },
    bonus: drawBonus,
  };
}

export const ENSEMBLE = baseRow({
  name: 'ensemble',
  parameters: [WEIGHT],
  sentence: 'verifies against weight p + (1 - weight) q',
  source: "transformers' assistant_ensemble_weight; DIVERSED, arXiv 2604.07622, proposition 1",
  lossless: false,
  build: ({ weight }, { sampling }) => ensemble(weight, sampling.temperature === 0 ? 'greedy' : 'sampling'),
});
