import {
  buildRule,
  GREEDY,
  JudgeDecodingError,
  type JudgeHead,
  parseRule,
  type Rule,
} from '@judge-decoding/core';
import type { Arm, Named } from '@judge-decoding/eval';

/** The two ends and what must equal them, then every rule of core's table that is defined for greedy decoding. */
export const ALL_ARMS = [
  'target',
  'strict',
  'everything-unguarded',
  'draft',
  'topk:2',
  'kl:0.3',
  'mars',
  'margin:1',
  'fly:6:0.3',
  'typical:0.09:0.3',
  'relaxed:10:0.1',
  'floor:0.2',
  'cascade:0.5',
  'ensemble:0.5',
  'everything',
  'kl:0.1',
  'kl:1',
  'relaxed:10:0.3',
  'fly:5:0.3',
  'fly:3:0.3',
  'topk:3',
] as const;

/**
 * An arm by its name: `target` and `draft` decode plainly, `everything-unguarded` commits the
 * draft's own text, all else is a rule as `--verify` takes it (`judge` uses the head that was given).
 */
export function armOf(name: string, draftLength: number): Arm {
  if (name === 'target' || name === 'draft') return { name, decode: 'plain', model: name };
  const speculative = { name, decode: 'speculative', draftLength } as const;
  if (name === 'everything-unguarded')
    return {
      ...speculative,
      verify: { rule: 'spec', spec: parseRule('everything') },
      guards: 'off',
      bonus: 'off',
    };
  try {
    parseRule(name, { what: 'the arm' });
  } catch (cause) {
    throw new JudgeDecodingError(
      'invalid-option',
      `${(cause as Error).message} Other arms are target, draft and everything-unguarded.`,
      { cause },
    );
  }
  return { ...speculative, verify: { rule: 'given', name } };
}

/** What the names in arms stand for. */
export function namedBy(arms: readonly string[], head: JudgeHead | undefined): Named {
  const given: Record<string, () => Rule> = {};
  for (const name of arms) {
    if (armOf(name, 1).decode === 'plain' || name === 'everything-unguarded') continue;
    given[name] = () => buildRule(parseRule(name, { what: 'the arm' }), { sampling: GREEDY, head });
  }
  return { given };
}
