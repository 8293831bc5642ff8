import { ensemble, JudgeDecodingError, type JudgeHead, type Rule, rule } from '@judge-decoding/core';
import type { Arm, Named, Verification } from '@judge-decoding/eval';

/** The two ends and what must equal them, then every rule of core that is defined for greedy decoding. */
export const ALL_ARMS = [
  'target',
  'strict',
  'everything-unguarded',
  'draft',
  'topk:2',
  'kl:0.3',
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

/** Names of arms, as `kind:parameter:parameter`, in the order of the parameters below. */
const KINDS = {
  topk: (k) => ({ rule: 'topk', k }),
  kl: (threshold) => ({ rule: 'kl', threshold }),
  fly: (window, entropy) => ({ rule: 'fly', window, entropy }),
  typical: (epsilon, delta) => ({ rule: 'typical', epsilon, delta }),
  relaxed: (n, delta) => ({ rule: 'relaxed', n, delta }),
  floor: (least) => ({ rule: 'floor', least }),
  cascade: (alpha) => ({ rule: 'cascade', alpha }),
  random: (rate) => ({ rule: 'random', rate }),
  strict: () => ({ rule: 'strict' }),
  everything: () => ({ rule: 'everything' }),
} satisfies Record<string, (...parameters: number[]) => Verification>;

/**
 * An arm by its name: `target` and `draft` decode plainly, `everything-unguarded` commits the
 * draft's own text, `judge` uses the head that was given (`judge:0.7` at another threshold).
 */
export function armOf(name: string, draftLength: number): Arm {
  if (name === 'target' || name === 'draft') return { name, decode: 'plain', model: name };
  const speculative = { name, decode: 'speculative', draftLength } as const;
  if (name === 'everything-unguarded')
    return { ...speculative, verify: { rule: 'everything' }, guards: 'off', bonus: 'off' };
  const [kind = '', ...texts] = name.split(':');
  const parameters = texts.map(Number);
  if (kind === 'judge') {
    const [threshold] = parameters;
    const verify = { rule: 'judge', head: 'given' } as const;
    return { ...speculative, verify: threshold === undefined ? verify : { ...verify, threshold } };
  }
  if (kind === 'ensemble') return { ...speculative, verify: { rule: 'given', name } };
  const make: ((...parameters: number[]) => Verification) | undefined = Object.hasOwn(KINDS, kind)
    ? KINDS[kind as keyof typeof KINDS]
    : undefined;
  if (make === undefined || make.length !== parameters.length || parameters.some(Number.isNaN))
    throw new JudgeDecodingError(
      'invalid-option',
      `There is no arm \`${name}\`. Known are ${ALL_ARMS.join(', ')}, random:0.8 and judge, and all of them with other numbers.`,
    );
  return { ...speculative, verify: make(...parameters) };
}

/** What the names in arms stand for: the head that was given, and bases other than exact match. */
export function namedBy(arms: readonly string[], head: JudgeHead | undefined): Named {
  const given: Record<string, () => Rule> = {};
  for (const name of arms.filter((each) => each.startsWith('ensemble:')))
    given[name] = () => rule(ensemble(Number(name.split(':')[1]), 'greedy'));
  return { given, ...(head === undefined ? {} : { heads: { given: head } }) };
}
