import { type Admission, allOf, anyOf, JudgeDecodingError, type Rule, rule } from '@judge-decoding/core';
import { didYouMean } from './closest.ts';
import { readNumber } from './flag-value.ts';
import { ADMISSIONS, BASES, PART_NAMES, type Surroundings } from './verify-parts.ts';

/** One base or admission with its parameters, as `kl:0.3` says it. Plain data: it travels in traces. */
export interface Part {
  readonly name: string;
  readonly parameters: readonly number[];
}

export type AdmissionTree =
  | Part
  | { readonly anyOf: readonly AdmissionTree[] }
  | { readonly allOf: readonly AdmissionTree[] };

/** What `--verify` or `--speculative-config` asks for. */
export interface VerifySpec {
  readonly base: Part;
  readonly admit?: AdmissionTree;
}

export const STRICT: VerifySpec = { base: { name: 'strict', parameters: [] } };

/** `strict`, `judge:0.8`, `judge+kl:0.3`, `lossless+judge`: at most one base, and it comes first. */
export function parseVerify(text: string): VerifySpec {
  const [first, ...rest] = text.split('+').map((part) => parsePart(part, text));
  if (first === undefined) throw refuse('a rule such as strict or judge+kl:0.3', text);
  const startsWithBase = Object.hasOwn(BASES, first.name);
  const admissions = startsWithBase ? rest : [first, ...rest];
  for (const { name } of admissions) {
    if (!Object.hasOwn(BASES, name)) continue;
    throw refuse(
      startsWithBase ? `one base, not ${first.name} and ${name}` : `its base ${name} first`,
      text,
      startsWithBase ? '' : `Write ${name}+${first.name}.`,
    );
  }
  const [only, ...more] = admissions;
  return {
    base: startsWithBase ? first : STRICT.base,
    ...(only === undefined ? {} : { admit: more.length === 0 ? only : { anyOf: admissions } }),
  };
}

/** One admission, for the leaves of a JSON tree. */
export function parseAdmission(text: string): Part {
  const part = parsePart(text, text);
  if (Object.hasOwn(BASES, part.name)) throw refuse(`an admission, not the base ${part.name}`, text);
  return part;
}

/** One base, for JSON. */
export function parseBase(text: string): Part {
  const part = parsePart(text, text);
  if (!Object.hasOwn(BASES, part.name)) throw refuse(`a base (${Object.keys(BASES).join(', ')})`, text);
  return part;
}

function parsePart(part: string, whole: string): Part {
  const [name = '', ...values] = part.trim().split(':');
  const kind = Object.hasOwn(BASES, name)
    ? BASES[name]
    : Object.hasOwn(ADMISSIONS, name)
      ? ADMISSIONS[name]
      : undefined;
  if (kind === undefined) {
    throw refuse(
      `made of ${PART_NAMES.join(', ')}`,
      whole,
      `${name === '' ? 'An empty part' : name} is none of them.${didYouMean(name, PART_NAMES)}`,
    );
  }
  const { parameters: names, required } = kind;
  const described = names.length === 0 ? name : `${name}:${names.join(',')}`;
  const written = values.length === 0 ? [] : values.join(':').split(',');
  if (written.length > names.length || written.length < required) {
    const expected = names.length === required ? `${required}` : `${required} to ${names.length}`;
    throw refuse(
      `written with ${expected} ${names.length === 1 ? 'parameter' : 'parameters'} for ${name} (${described})`,
      whole,
    );
  }
  const parameters = written.map((value, index) => {
    const number = readNumber(value);
    if (Number.isNaN(number))
      throw refuse(`written with a number for ${names[index]} in ${described}`, whole);
    return number;
  });
  return { name, parameters };
}

function refuse(expected: string, got: string, next = ''): JudgeDecodingError {
  const said = got === '' ? 'nothing' : got;
  return new JudgeDecodingError(
    'invalid-option',
    `Expected --verify to be ${expected}, got ${said}.${next === '' ? '' : ` ${next}`}`,
  );
}

/** Whether a judge head is needed. */
export const asksJudge = ({ admit }: VerifySpec): boolean =>
  admit !== undefined && parts(admit).some(({ name }) => name === 'judge');

function parts(tree: AdmissionTree): readonly Part[] {
  if ('anyOf' in tree) return tree.anyOf.flatMap(parts);
  if ('allOf' in tree) return tree.allOf.flatMap(parts);
  return [tree];
}

/** The same rule with `threshold` for every judge that has none of its own. */
export function withThreshold(spec: VerifySpec, threshold: number): VerifySpec {
  const set = (tree: AdmissionTree): AdmissionTree => {
    if ('anyOf' in tree) return { anyOf: tree.anyOf.map(set) };
    if ('allOf' in tree) return { allOf: tree.allOf.map(set) };
    if (tree.name !== 'judge') return tree;
    if (tree.parameters.length > 0) {
      throw new JudgeDecodingError(
        'invalid-option',
        `Expected one threshold, got judge:${tree.parameters[0]} and --threshold ${threshold}. Leave one out.`,
      );
    }
    return { ...tree, parameters: [threshold] };
  };
  return spec.admit === undefined ? spec : { ...spec, admit: set(spec.admit) };
}

/** As a person would write it: `judge:0.8+kl:0.3`. */
export function sayVerify({ base, admit }: VerifySpec): string {
  if (admit === undefined) return sayPart(base);
  const said = sayTree(admit);
  return base.name === 'strict' ? said : `${sayPart(base)}+${said}`;
}

const sayPart = ({ name, parameters }: Part): string =>
  parameters.length === 0 ? name : `${name}:${parameters.join(',')}`;

function sayTree(tree: AdmissionTree): string {
  if ('anyOf' in tree) return tree.anyOf.map(sayBranch).join('+');
  if ('allOf' in tree) return tree.allOf.map(sayBranch).join(' & ');
  return sayPart(tree);
}

const sayBranch = (tree: AdmissionTree): string => ('name' in tree ? sayPart(tree) : `(${sayTree(tree)})`);

/** The rule itself. Ranges are checked by the parts, combinations by core. */
export function buildRule({ base, admit }: VerifySpec, surroundings: Surroundings): Rule {
  const built = BASES[base.name]!.build(base.parameters, surroundings);
  return rule(built, admit === undefined ? undefined : buildTree(admit, surroundings));
}

function buildTree(tree: AdmissionTree, surroundings: Surroundings): Admission {
  if ('anyOf' in tree) return anyOf(...tree.anyOf.map((branch) => buildTree(branch, surroundings)));
  if ('allOf' in tree) return allOf(...tree.allOf.map((branch) => buildTree(branch, surroundings)));
  return ADMISSIONS[tree.name]!.build(tree.parameters, surroundings);
}
