import {
  type AdmissionTree,
  JudgeDecodingError,
  type ParseOptions,
  parseAdmission,
  parseBase,
  parseRule,
  type RuleRow,
  type RuleSpec,
  STRICT_SPEC,
} from '@judge-decoding/core';
import { didYouMean } from './closest.ts';

/** Deeper trees say nothing that a person could follow. */
const MAX_DEPTH = 8;

/**
 * The `verify` of a JSON configuration: a rule as `--verify` takes it, an admission tree
 * (`{"allOf": ["judge", "kl:0.5"]}`), or both halves (`{"base": "lossless", "admit": "judge"}`).
 */
export function readVerify(value: unknown, rules: readonly RuleRow[], where = 'verify'): RuleSpec {
  const options = { rules, what: `${where} in --speculative-config` };
  if (typeof value === 'string') return parseRule(value, options);
  const fields = objectOf(value, where);
  if ('base' in fields || 'admit' in fields) {
    onlyKeys(fields, ['base', 'admit'], where);
    const base =
      fields.base === undefined ? STRICT_SPEC.base : parseBase(textOf(fields.base, `${where}.base`), options);
    return {
      base,
      ...(fields.admit === undefined ? {} : { admit: readTree(fields.admit, `${where}.admit`, options) }),
    };
  }
  return { base: STRICT_SPEC.base, admit: readTree(fields, where, options) };
}

function readTree(value: unknown, where: string, options: ParseOptions, depth = 0): AdmissionTree {
  if (depth > MAX_DEPTH) throw refuse(where, `at most ${MAX_DEPTH} levels deep`, 'a deeper tree');
  if (typeof value === 'string') return parseAdmission(value, options);
  const fields = objectOf(value, where);
  onlyKeys(fields, ['anyOf', 'allOf'], where);
  const [key, ...more] = Object.keys(fields);
  if (key === undefined || more.length > 0)
    throw refuse(where, 'either anyOf or allOf', JSON.stringify(value));
  const branches = fields[key];
  if (!Array.isArray(branches) || branches.length === 0) {
    throw refuse(`${where}.${key}`, 'a list of admissions', JSON.stringify(branches));
  }
  const read = branches.map((branch, index) =>
    readTree(branch, `${where}.${key}[${index}]`, options, depth + 1),
  );
  return key === 'anyOf' ? { anyOf: read } : { allOf: read };
}

export function objectOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refuse(where, 'an object', JSON.stringify(value));
  }
  return value as Readonly<Record<string, unknown>>;
}

export function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string') throw refuse(where, 'a text', JSON.stringify(value));
  return value;
}

export function numberOf(value: unknown, where: string): number {
  if (typeof value !== 'number') throw refuse(where, 'a number', JSON.stringify(value));
  return value;
}

export function countOf(value: unknown, where: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw refuse(where, 'a whole number of at least 0', JSON.stringify(value));
  return value as number;
}

export function shareOf(value: unknown, where: string): number {
  if (typeof value !== 'number' || !(value >= 0 && value <= 1))
    throw refuse(where, 'a number from 0 to 1', JSON.stringify(value));
  return value;
}

/** An unknown key is an error: a misspelt one would silently do nothing. */
export function onlyKeys(
  fields: Readonly<Record<string, unknown>>,
  known: readonly string[],
  where: string,
): void {
  for (const key of Object.keys(fields)) {
    if (known.includes(key)) continue;
    throw refuse(where, `made of ${known.join(', ')}`, `the key ${key}`, didYouMean(key, known));
  }
}

function refuse(where: string, expected: string, got: string, next = ''): JudgeDecodingError {
  const said = got.length > 120 ? `${got.slice(0, 120)}…` : got;
  return new JudgeDecodingError(
    'invalid-option',
    `Expected ${where} in --speculative-config to be ${expected}, got ${said}.${next}`,
  );
}
