import type { LabelledSolution } from './labelled-solution.ts';

/**
 * How often two continuations of one mismatch say the same of its token, over all pairs of them; NaN where
 * no mismatch was continued several times.
 */
export function selfAgreement(solutions: readonly Pick<LabelledSolution, 'swaps' | 'votes'>[]): {
  readonly share: number;
  readonly mismatches: number;
} {
  const votes = solutions.flatMap(({ swaps = [], votes: own = [] }) => [
    ...own.map(([, correct, of]) => [correct, of] as const),
    ...swaps.flatMap((swap) => (swap.votes === undefined ? [] : [swap.votes])),
  ]);
  let [same, pairs] = [0, 0];
  for (const [yes, of] of votes) {
    const no = of - yes;
    same += (yes * (yes - 1) + no * (no - 1)) / 2;
    pairs += (of * (of - 1)) / 2;
  }
  return { share: pairs === 0 ? Number.NaN : same / pairs, mismatches: votes.length };
}
