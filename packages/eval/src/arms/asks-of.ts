import {
  buildRule,
  GREEDY,
  HEAD_STAND_IN,
  type JudgeHead,
  type OutputRequest,
  type RuleRow,
  rule,
  strict,
  unite,
} from '@judge-decoding/core';
import type { Arm } from './arm.ts';

/** What a greedy arm asks of both models in a round. */
export interface Asks {
  readonly target: OutputRequest;
  readonly draftLogits: boolean;
}

/** Every admission stands under guards, which ask for this. */
const GUARDED: OutputRequest = { argmax: true, chosen: true };

/**
 * What an arm's passes return, for the model of a round. A rule that is not in the table (somebody's own, in a
 * later report) is taken to ask for no more than strict verification does.
 */
export function asksOf(
  arm: Arm,
  {
    heads = {},
    rules,
  }: {
    readonly heads?: Readonly<Record<string, JudgeHead>>;
    readonly rules?: readonly RuleRow[] | undefined;
  } = {},
): Asks {
  const made = arm.decode === 'speculative' ? madeOf(arm.verify, heads, rules) : undefined;
  const { base, admission } = made ?? rule(strict(GREEDY).base);
  const guarded = arm.decode === 'speculative' && (admission !== undefined || arm.verify.rule === 'oracle');
  const needs = unite(base.needs.target, admission?.needs.target ?? {});
  return {
    target: guarded ? unite(needs, GUARDED) : needs,
    draftLogits: base.needs.draft !== 'nothing' || (admission?.needs.draft ?? 'nothing') !== 'nothing',
  };
}

function madeOf(
  verify: Extract<Arm, { readonly decode: 'speculative' }>['verify'],
  heads: Readonly<Record<string, JudgeHead>>,
  rules: readonly RuleRow[] | undefined,
) {
  if (verify.rule !== 'spec') return undefined;
  try {
    const head = heads[verify.head ?? ''] ?? HEAD_STAND_IN;
    return buildRule(verify.spec, { sampling: GREEDY, head }, rules);
  } catch {
    return undefined;
  }
}
