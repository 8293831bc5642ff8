import {
  type Admission,
  allOf,
  anyOf,
  atRandom,
  buildRule,
  cascade,
  everything,
  floor,
  fly,
  JudgeDecodingError,
  type JudgeHead,
  judged,
  kl,
  type Rule,
  type RuleRow,
  relaxed,
  rule,
  type SamplingOptions,
  strict,
  synthetic,
  topK,
  typical,
} from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import type { Verification } from './arm.ts';
import { type LogitsWeights, logitsOnly } from './logits-only.ts';
import { oracle } from './oracle.ts';

/** What the names in arms stand for. */
export interface Named {
  readonly heads?: Readonly<Record<string, JudgeHead>>;
  readonly logits?: Readonly<Record<string, LogitsWeights>>;
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
  return rule(strict(sampling).base, admissionOf(verification, problem, named));
}

function admissionOf(verification: Verification, problem: TaskProblem, named: Named): Admission {
  switch (verification.rule) {
    case 'judge':
      return judged(find(named.heads, verification.head, 'head'), verification);
    case 'oracle':
      return oracle(problem);
    case 'everything':
      return everything();
    case 'random':
      return atRandom(verification.rate);
    case 'logits':
      return logitsOnly(find(named.logits, verification.name, 'logits-only rule'), verification);
    case 'topk':
      return topK(verification.k);
    case 'typical':
      return typical(verification);
    case 'relaxed':
      return relaxed(verification);
    case 'kl':
      return kl(verification.threshold);
    case 'fly':
      return fly(verification);
    case 'cascade':
      return cascade(verification.alpha);
    case 'floor':
      return floor(verification.least);
    case 'any':
    case 'all': {
      const parts = verification.of.map((part) => admissionOf(part, problem, named));
      return verification.rule === 'any' ? anyOf(...parts) : allOf(...parts);
    }
    default:
      throw new JudgeDecodingError(
        'invalid-option',
        `\`${verification.rule}\` is no admission: it cannot stand inside \`any\` or \`all\`.`,
      );
  }
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
