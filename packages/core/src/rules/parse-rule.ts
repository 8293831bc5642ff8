import { JudgeDecodingError } from '../errors.ts';
import { didYouMean } from './closest.ts';
import { isWithin, readNumber, sayRange } from './number-range.ts';
import type { RuleRow } from './rule-row.ts';
import { type RulePart, type RuleSpec, STRICT_SPEC } from './rule-spec.ts';
import { RULES, sayParameterCount, signatureOf } from './table.ts';

/** What texts are read with. */
export interface ParseOptions {
  /** The table; core's own by default. */
  readonly rules?: readonly RuleRow[];
  /** What messages call the text: a flag, the arm of a run. */
  readonly what?: string;
}

/**
 * Reads `strict`, `judge:0.8`, `judge+kl:0.3`, `lossless+judge`: at most one base, and it comes first;
 * several admissions mean any of them. Numbers are parted by commas or colons. What cannot be read
 * is an error of code `invalid-option`.
 */
export function parseRule(text: string, options: ParseOptions = {}): RuleSpec {
  const read = text.split('+').map((part) => readPart(part, text, options));
  const [first, ...rest] = read;
  const [base, admissions] = first!.row.kind === 'base' ? [first!, rest] : [undefined, read];
  for (const { row } of admissions) {
    if (row.kind !== 'base') continue;
    throw refuse(
      base === undefined ? `its base ${row.name} first` : `one base, not ${base.row.name} and ${row.name}`,
      text,
      options,
      base === undefined ? `Write ${row.name}+${first!.row.name}.` : '',
    );
  }
  const [only, ...more] = admissions;
  return {
    base: base?.part ?? STRICT_SPEC.base,
    ...(only === undefined
      ? {}
      : { admit: more.length === 0 ? only.part : { anyOf: admissions.map(({ part }) => part) } }),
  };
}

/** One admission, for the leaves of a tree. */
export function parseAdmission(text: string, options: ParseOptions = {}): RulePart {
  const { row, part } = readPart(text, text, options);
  if (row.kind === 'base') throw refuse(`an admission, not the base ${row.name}`, text, options);
  return part;
}

/** One base. */
export function parseBase(text: string, options: ParseOptions = {}): RulePart {
  const { row, part } = readPart(text, text, options);
  if (row.kind === 'base') return part;
  const bases = (options.rules ?? RULES).filter(({ kind }) => kind === 'base').map(({ name }) => name);
  throw refuse(`a base (${bases.join(', ')})`, text, options);
}

function readPart(
  text: string,
  whole: string,
  options: ParseOptions,
): { readonly row: RuleRow; readonly part: RulePart } {
  const { rules = RULES } = options;
  const [name = '', ...values] = text.trim().split(/\s*[:,]\s*/);
  const row = rules.find((each) => each.name === name);
  if (row === undefined) {
    const names = rules.map((each) => each.name);
    throw refuse(
      `made of ${names.join(', ')}`,
      whole,
      options,
      `${name === '' ? 'An empty part' : name} is none of them.${didYouMean(name, names)}`,
    );
  }
  const { parameters } = row;
  const required = parameters.filter((parameter) => parameter.default === undefined).length;
  if (values.length > parameters.length || values.length < required) {
    throw refuse(`written with ${sayParameterCount(row)} for ${name} (${signatureOf(row)})`, whole, options);
  }
  const numbers = values.map((value, index) => {
    const parameter = parameters[index]!;
    const number = readNumber(value);
    if (isWithin(number, parameter)) return number;
    throw refuse(
      `written with ${sayRange(parameter)} for ${parameter.name} in ${signatureOf(row)}`,
      whole,
      options,
    );
  });
  return { row, part: { name, parameters: numbers } };
}

function refuse(
  expected: string,
  got: string,
  { what = 'the rule' }: ParseOptions,
  next = '',
): JudgeDecodingError {
  return new JudgeDecodingError(
    'invalid-option',
    `Expected ${what} to be ${expected}, got ${got === '' ? 'nothing' : got}.${next === '' ? '' : ` ${next}`}`,
  );
}
