import { drawToken } from '../sampling/sampling.ts';
import { drawBonus } from './lossless.ts';
import type { JointBase } from './rule.ts';
import { baseRow } from './rule-row.ts';

/**
 * Block verification: decides the drafted block jointly and accepts, in expectation, the most
 * tokens any lossless rule can. With p_0 = 1 and p_i = min(1, p_(i-1) p(c_i)/q(c_i)), the block
 * ends at the last i whose uniform is below
 *   h_i = S_i / (S_i + 1 - p_i),  S_i = sum_x max(0, p_i p(x) - q(x)),   h_M = p_M.
 * Recovered comes from norm(max(0, p_i p - q)) after the kept tokens, the bonus from p. Lossless.
 * (Sun et al. 2024, "Block Verification Accelerates Speculative Decoding", algorithm 2.)
 */
export function block(): JointBase {
  return {
    kind: 'joint',
    name: 'block',
    needs: { target: { logits: true }, draft: 'distribution' },
    decoding: 'sampling',
    lossless: true,
    law: { kind: 'block' },
    decide(round) {
      const count = round.draft.length;
      const residual = (index: number, weight: number) => {
        const q = round.draftTarget.probs(index);
        return round.target.probs(index).map((p, id) => Math.max(0, weight * p - q[id]!));
      };
      let accepted = 0;
      let weight = 1;
      let weightAtEnd = 1;
      for (let i = 1; i <= count; i++) {
        const token = round.draft[i - 1]!;
        const p = round.target.probs(i - 1)[token]!;
        const q = round.draftTarget.probs(i - 1)[token]!;
        weight = Math.min(1, (weight * p) / q);
        let keep = weight;
        if (i < count) {
          const rest = residual(i, weight).reduce((sum, value) => sum + value, 0);
          // p_i = 1 and nothing left over: p = q there, so going on costs nothing
          keep = weight === 1 && rest === 0 ? 1 : rest / (rest + 1 - weight);
        }
        if (round.uniform(round.text.length + i - 1, 'accept') < keep) {
          accepted = i;
          weightAtEnd = weight;
        }
      }
      if (accepted === count) return { accepted, next: () => drawBonus(round) };
      return {
        accepted,
        next() {
          const rest = residual(accepted, weightAtEnd);
          const weights = rest.some((value) => value > 0) ? rest : round.target.probs(accepted);
          return drawToken(weights, round.uniform(round.text.length + accepted, 'recovered'));
        },
      };
    },
  };
}

export const BLOCK = baseRow({
  name: 'block',
  parameters: [],
  sentence: 'speculative sampling over the whole draft at once, which accepts most; needs a temperature',
  source: 'Sun et al. 2024',
  lossless: true,
  build: block,
});
