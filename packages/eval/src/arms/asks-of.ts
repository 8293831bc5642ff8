import { GREEDY, type OutputRequest, rule, strict, unite } from '@judge-decoding/core';
import type { Arm } from './arm.ts';
import { type BuiltWith, builtRule } from './built-rule.ts';

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
export function asksOf(arm: Arm, { heads, rules }: Pick<BuiltWith, 'heads' | 'rules'> = {}): Asks {
  const { base, admission } = builtRule(arm, { heads, rules }) ?? rule(strict(GREEDY).base);
  const guarded = arm.decode === 'speculative' && (admission !== undefined || arm.verify.rule === 'oracle');
  const needs = unite(base.needs.target, admission?.needs.target ?? {});
  return {
    target: guarded ? unite(needs, GUARDED) : needs,
    draftLogits: base.needs.draft !== 'nothing' || (admission?.needs.draft ?? 'nothing') !== 'nothing',
  };
}
