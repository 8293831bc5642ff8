import {
  buildRule,
  JudgeDecodingError,
  type JudgeHead,
  type Rule,
  type RuleRow,
  rule,
  type SamplingOptions,
  strict,
  synthetic,
} from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import type { Verification } from './arm.ts';
import { oracle } from './oracle.ts';

/** What the names in arms stand for. */
export interface Named {
  readonly heads?: Readonly<Record<string, JudgeHead>>;
  /** The table that rules come from; core's own when absent. */
  readonly rules?: readonly RuleRow[];
  /** Made anew for every generation, since a rule may follow the text. */
  readonly given?: Readonly<Record<string, (problem: TaskProblem) => Rule>>;
}

/** The rule of one generation. */
export function ruleOf(
  verification: Verification,
  problem: TaskProblem,
  named: Named,
  sampling: SamplingOptions,
): Rule {
  if (verification.rule === 'strict') return strict(sampling);
  if (verification.rule === 'spec') {
    const { spec, head: name } = verification;
    const head = name === undefined ? undefined : find(named.heads, name, 'head');
    return buildRule(spec, { sampling, head }, named.rules);
  }
  if (verification.rule === 'synthetic') return rule(synthetic(verification.acceptance));
  if (verification.rule === 'given') return find(named.given, verification.name, 'rule')(problem);
  return rule(strict(sampling).base, oracle(problem));
}

function find<Value>(among: Readonly<Record<string, Value>> | undefined, name: string, what: string): Value {
  const found = among?.[name];
  if (found !== undefined) return found;
  const known = Object.keys(among ?? {}).join(', ') || 'none';
  throw new JudgeDecodingError(
    'not-found',
    `No ${what} \`${name}\` was given to the run (there are: ${known}).`,
  );
}
