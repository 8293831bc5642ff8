import { JudgeDecodingError, RULES, type RuleRow, type RuleSpec } from '@judge-decoding/core';
import { countOf, numberOf, objectOf, onlyKeys, readVerify, shareOf, textOf } from './verify-tree.ts';

/** What `--speculative-config` may say; vLLM's keys, and ours beside them. Flags win over it. */
export interface SpeculativeConfig {
  readonly draft?: string;
  readonly draftLength?: number;
  readonly lookup?: { readonly longest?: number; readonly shortest?: number };
  readonly verify?: RuleSpec;
  readonly head?: string;
  readonly threshold?: number;
  readonly leastProbability?: number;
  readonly mostInARow?: number;
}

const KEYS = [
  'method',
  'model',
  'num_speculative_tokens',
  'prompt_lookup_max',
  'prompt_lookup_min',
  'verify',
  'judge',
  'guards',
];
const METHODS = ['draft_model', 'ngram'];

/**
 * `{"method": "draft_model", "model": "…", "num_speculative_tokens": 8, "verify": "judge",
 *   "judge": {"head": "…", "threshold": 0.5}, "guards": {"leastProbability": 1e-4, "mostInARow": 8}}`
 */
export function parseSpeculativeConfig(text: string, rules: readonly RuleRow[] = RULES): SpeculativeConfig {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected --speculative-config to be JSON, got ${text.slice(0, 60)} (${(cause as Error).message}). In a shell, put it in single quotes.`,
      { cause },
    );
  }
  const fields = objectOf(value, 'the whole');
  onlyKeys(fields, KEYS, 'the whole');
  const method = fields.method === undefined ? 'draft_model' : textOf(fields.method, 'method');
  if (!METHODS.includes(method)) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected method in --speculative-config to be ${METHODS.join(' or ')}, got ${method}.`,
    );
  }
  const judge = fields.judge === undefined ? {} : objectOf(fields.judge, 'judge');
  onlyKeys(judge, ['head', 'threshold'], 'judge');
  const guards = fields.guards === undefined ? {} : objectOf(fields.guards, 'guards');
  onlyKeys(guards, ['leastProbability', 'mostInARow'], 'guards');
  const lookup = {
    ...optional('longest', fields.prompt_lookup_max, 'prompt_lookup_max', numberOf),
    ...optional('shortest', fields.prompt_lookup_min, 'prompt_lookup_min', numberOf),
  };
  return {
    ...(method === 'ngram' ? { draft: 'ngram', lookup } : optional('draft', fields.model, 'model', textOf)),
    ...optional('draftLength', fields.num_speculative_tokens, 'num_speculative_tokens', countOf),
    ...optional('verify', fields.verify, 'verify', (value, where) => readVerify(value, rules, where)),
    ...optional('head', judge.head, 'judge.head', textOf),
    ...optional('threshold', judge.threshold, 'judge.threshold', shareOf),
    ...optional('leastProbability', guards.leastProbability, 'guards.leastProbability', numberOf),
    ...optional('mostInARow', guards.mostInARow, 'guards.mostInARow', numberOf),
  };
}

function optional<Key extends string, Value>(
  key: Key,
  value: unknown,
  where: string,
  read: (value: unknown, where: string) => Value,
): Partial<Record<Key, Value>> {
  return value === undefined ? {} : ({ [key]: read(value, where) } as Record<Key, Value>);
}
