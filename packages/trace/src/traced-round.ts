import { type Base, type Needs, type RoundResult, type Rule, unite } from '@judge-decoding/core';
import type { TracedRound, TracedRow } from './trace.ts';

/** How many of the target's most likely tokens a trace keeps in each row. */
export const TOP_KEPT = 5;

/**
 * The same rule, whose target passes also return what a trace keeps, and what else is wanted: no
 * decision changes. Greedy decoding asks the device for exactly what a rule needs, and a trace for more.
 */
export function watched(rule: Rule, more: Needs = { target: {}, draft: 'nothing' }): Rule {
  const { needs } = rule.base;
  const target = unite(unite(needs.target, { argmax: true, chosen: true, top: TOP_KEPT }), more.target);
  const draft = more.draft === 'nothing' ? needs.draft : more.draft;
  // the base may be an instance of a class: it stays one
  const base: Base = Object.create(rule.base, {
    needs: { value: { target, draft } satisfies Needs, enumerable: true },
  });
  return { ...rule, base };
}

/** What a trace keeps of a round of a `watched` rule. */
export const tracedRound = ({ round, tokens, scores }: RoundResult): TracedRound => ({
  draft: [...round.draft],
  tokens,
  scores: scores.map((score) => (Number.isNaN(score) ? null : score)),
  rows: Array.from({ length: round.draft.length + 1 }, (_, row): TracedRow => {
    const { target, draft } = round;
    const likely = target.top(row, TOP_KEPT).filter(({ logProb }) => Number.isFinite(logProb));
    const { logProb, logit } = likely[0]!;
    return {
      choice: target.argmax(row),
      ...(row < draft.length ? { drafted: finite(target.logProb(row)) } : {}),
      entropy: rounded(target.entropy(row)),
      logSumExp: rounded(logit - logProb),
      top: likely.map((token) => [token.id, rounded(token.logProb)] as const),
    };
  }),
});

const rounded = (value: number): number => Math.round(value * 1e5) / 1e5;
const finite = (value: number): number | null => (Number.isFinite(value) ? rounded(value) : null);
