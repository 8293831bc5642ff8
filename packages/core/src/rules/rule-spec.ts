import { JudgeDecodingError } from '../errors.ts';
import { allOf, anyOf } from './compose.ts';
import { isWithin, sayRange } from './number-range.ts';
import { type Admission, type Base, type Rule, rule } from './rule.ts';
import type { RuleRow, RuleSurroundings, RuleValues } from './rule-row.ts';
import { findRule, RULES, sayParameterCount, signatureOf } from './table.ts';

/** One base or admission with its numbers, as `kl:0.3` says it. Plain data: it travels in traces. */
export interface RulePart {
  readonly name: string;
  /** In the order of the row's parameters; those at the end may be left out. */
  readonly parameters: readonly number[];
}

/** Admissions, composed. */
export type AdmissionTree =
  | RulePart
  | { readonly anyOf: readonly AdmissionTree[] }
  | { readonly allOf: readonly AdmissionTree[] };

/** A rule as plain data, over rows of a table. */
export interface RuleSpec {
  readonly base: RulePart;
  readonly admit?: AdmissionTree;
}

/** Standard verification alone. */
export const STRICT_SPEC: RuleSpec = { base: { name: 'strict', parameters: [] } };

/** All admissions in the tree. */
export function partsOf(tree: AdmissionTree): readonly RulePart[] {
  if ('anyOf' in tree) return tree.anyOf.flatMap(partsOf);
  if ('allOf' in tree) return tree.allOf.flatMap(partsOf);
  return [tree];
}

/** Whether a judge head is needed. */
export const asksHead = ({ admit }: RuleSpec, rules: readonly RuleRow[] = RULES): boolean =>
  admit !== undefined &&
  partsOf(admit).some(({ name }) =>
    rules.some((row) => row.name === name && row.kind === 'admission' && row.needsHead === true),
  );

/** As a person would write it: `judge:0.8+kl:0.3`, and `(…)` and `&` where a tree needs them. */
export function sayRule({ base, admit }: RuleSpec): string {
  if (admit === undefined) return sayPart(base);
  const said = sayTree(admit);
  return base.name === 'strict' ? said : `${sayPart(base)}+${said}`;
}

const sayPart = ({ name, parameters }: RulePart): string =>
  parameters.length === 0 ? name : `${name}:${parameters.join(',')}`;

function sayTree(tree: AdmissionTree): string {
  if ('anyOf' in tree) return tree.anyOf.map(sayBranch).join('+');
  if ('allOf' in tree) return tree.allOf.map(sayBranch).join(' & ');
  return sayPart(tree);
}

const sayBranch = (tree: AdmissionTree): string => ('name' in tree ? sayPart(tree) : `(${sayTree(tree)})`);

/**
 * The rule itself. The specification may come from a file: names, numbers and combinations are all
 * checked here, and what cannot be is an error of code `invalid-option`.
 */
export function buildRule(
  { base, admit }: RuleSpec,
  surroundings: RuleSurroundings,
  rules: readonly RuleRow[] = RULES,
): Rule {
  const built = buildBase(base, surroundings, rules);
  return rule(built, admit === undefined ? undefined : buildTree(admit, surroundings, rules));
}

function buildTree(
  tree: AdmissionTree,
  surroundings: RuleSurroundings,
  rules: readonly RuleRow[],
): Admission {
  if ('anyOf' in tree) return anyOf(...tree.anyOf.map((branch) => buildTree(branch, surroundings, rules)));
  if ('allOf' in tree) return allOf(...tree.allOf.map((branch) => buildTree(branch, surroundings, rules)));
  return buildAdmission(tree, surroundings, rules);
}

function buildBase(part: RulePart, surroundings: RuleSurroundings, rules: readonly RuleRow[]): Base {
  const row = findRule(part.name, rules);
  if (row.kind === 'base') return row.build(valuesOf(row, part.parameters), surroundings);
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected a base, got the admission ${row.name}. It is asked where a base rejects: write strict+${row.name}.`,
  );
}

function buildAdmission(
  part: RulePart,
  surroundings: RuleSurroundings,
  rules: readonly RuleRow[],
): Admission {
  const row = findRule(part.name, rules);
  if (row.kind === 'base') {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected an admission, got the base ${row.name}. A rule has one base, in front.`,
    );
  }
  if (row.needsHead && surroundings.head === undefined)
    throw new JudgeDecodingError('invalid-option', `Expected a judge head for ${row.name}, got none.`);
  return row.build(valuesOf(row, part.parameters), surroundings);
}

/** The numbers by name, defaults filled in; too many, too few or one out of range is an error. */
export function valuesOf(row: RuleRow, given: readonly number[]): RuleValues {
  const { name, parameters } = row;
  const required = parameters.filter((parameter) => parameter.default === undefined).length;
  if (!Array.isArray(given) || given.length < required || given.length > parameters.length) {
    throw new JudgeDecodingError(
      'invalid-option',
      `Expected ${sayParameterCount(row)} for ${name} (${signatureOf(row)}), got ${Array.isArray(given) ? given.length : JSON.stringify(given)}.`,
    );
  }
  return Object.fromEntries(
    parameters.map((parameter, index) => {
      const value = given[index];
      if (value === undefined)
        return [parameter.name, typeof parameter.default === 'number' ? parameter.default : undefined];
      if (isWithin(value, parameter)) return [parameter.name, value];
      throw new JudgeDecodingError(
        'invalid-option',
        `Expected ${parameter.name} in ${signatureOf(row)} to be ${sayRange(parameter)}, got ${value}.`,
      );
    }),
  );
}

/** Deeper trees say nothing that a person could follow. */
const MAX_DEPTH = 8;

/** Whether a value from outside has the shape of a specification; `buildRule` checks what it says. */
export function isRuleSpec(value: unknown): value is RuleSpec {
  if (!isObject(value) || !isPart(value.base)) return false;
  return value.admit === undefined || isTree(value.admit, 0);
}

function isTree(value: unknown, depth: number): value is AdmissionTree {
  if (!isObject(value) || depth > MAX_DEPTH) return false;
  const branches = value.anyOf ?? value.allOf;
  if (branches === undefined) return isPart(value);
  return (
    Object.keys(value).length === 1 &&
    Array.isArray(branches) &&
    branches.length > 0 &&
    branches.every((branch) => isTree(branch, depth + 1))
  );
}

const isPart = (value: unknown): value is RulePart =>
  isObject(value) &&
  typeof value.name === 'string' &&
  Array.isArray(value.parameters) &&
  value.parameters.every((number) => typeof number === 'number');

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
