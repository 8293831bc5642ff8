import {
  buildRule,
  GREEDY,
  HEAD_STAND_IN,
  isLossless,
  type JudgeHead,
  type Rule,
  type RuleRow,
  type SamplingOptions,
} from '@judge-decoding/core';
import type { Arm } from './arm.ts';

/** What is at hand where an arm is described; a head that is not is stood in for. */
export interface BuiltWith {
  readonly sampling?: SamplingOptions;
  readonly heads?: Readonly<Record<string, JudgeHead>> | undefined;
  readonly rules?: readonly RuleRow[] | undefined;
}

/** An arm's rule, to be described; undefined for one that is not of the table (somebody's own, in a later report). */
export function builtRule(arm: Arm, { sampling = GREEDY, heads = {}, rules }: BuiltWith): Rule | undefined {
  if (arm.decode !== 'speculative' || arm.verify.rule !== 'spec') return undefined;
  const { spec, head } = arm.verify;
  try {
    return buildRule(spec, { sampling, head: heads[head ?? ''] ?? HEAD_STAND_IN }, rules);
  } catch {
    return undefined;
  }
}

/** Whether some text of the arm may differ from the target's own, as far as its name and numbers say. */
export function isLossyArm(arm: Arm, sampling: SamplingOptions): boolean {
  if (arm.decode !== 'speculative' || arm.verify.rule === 'strict') return false;
  const built = builtRule(arm, { sampling });
  const { draftLength, guards } = arm;
  return built === undefined || !isLossless(built, { sampling, draftLength, guards });
}
