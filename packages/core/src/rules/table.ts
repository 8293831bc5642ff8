import { JudgeDecodingError } from '../errors.ts';
import { BLOCK } from './block.ts';
import { didYouMean } from './closest.ts';
import { ENSEMBLE } from './ensemble.ts';
import { FLY } from './fly.ts';
import { JUDGE } from './judged.ts';
import { KL } from './kl.ts';
import { LENIENCE, LOSSLESS } from './lossless.ts';
import { MARGIN, MARS } from './mars.ts';
import { CASCADE, FLOOR, RELAXED, TOP_K, TYPICAL } from './probability.ts';
import { exampleOf, type RuleRow } from './rule-row.ts';
import { STRICT } from './strict.ts';
import { EVERYTHING, RANDOM } from './unconditional.ts';

/**
 * Every rule, in the order in which they are listed to people. Parser, help, evaluation, laws and
 * documents are made from it or held against it; more rows may be put behind it.
 */
export const RULES: readonly RuleRow[] = [
  STRICT,
  LOSSLESS,
  BLOCK,
  LENIENCE,
  ENSEMBLE,
  JUDGE,
  KL,
  FLY,
  MARS,
  MARGIN,
  TYPICAL,
  RELAXED,
  CASCADE,
  TOP_K,
  FLOOR,
  EVERYTHING,
  RANDOM,
];

/** The row of that name; without one an error of code `invalid-option` that lists what there is. */
export function findRule(name: string, rules: readonly RuleRow[] = RULES): RuleRow {
  const found = rules.find((row) => row.name === name);
  if (found !== undefined) return found;
  const names = rules.map((row) => row.name);
  throw new JudgeDecodingError(
    'invalid-option',
    `Expected a rule (${names.join(', ')}), got ${JSON.stringify(name)}.${didYouMean(name, names)}`,
  );
}

/** How a row is written: `kl:threshold[,maskTop1]`, `judge[:threshold]`, `strict`. */
export function signatureOf({ name, parameters }: RuleRow): string {
  if (parameters.length === 0) return name;
  const required = parameters.filter((parameter) => parameter.default === undefined).map((one) => one.name);
  const optional = parameters.slice(required.length).map((one) => one.name);
  if (required.length === 0) return `${name}[:${optional.join(',')}]`;
  return `${name}:${required.join(',')}${optional.length === 0 ? '' : `[,${optional.join(',')}]`}`;
}

/** "1 to 2 parameters", "at most 1 parameter". */
export function sayParameterCount(row: RuleRow): string {
  const [required, most] = [exampleOf(row).length, row.parameters.length];
  const noun = most === 1 ? 'parameter' : 'parameters';
  if (required === most) return `${most} ${noun}`;
  return `${required === 0 ? 'at most' : `${required} to`} ${most} ${noun}`;
}

/** The shortest text that names the rule: `kl:0.3`, `fly`. */
export const exampleTextOf = (row: RuleRow): string => {
  const numbers = exampleOf(row);
  return numbers.length === 0 ? row.name : `${row.name}:${numbers.join(',')}`;
};
