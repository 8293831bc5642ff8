import { JudgeDecodingError } from '../errors.ts';
import { isWithin, type NumberRange, sayRange } from './number-range.ts';
import type { Admission, Base } from './rule.ts';
import {
  exampleOf,
  HEAD_STAND_IN,
  type RuleParameter,
  type RuleRow,
  type RuleSurroundings,
  type RuleValues,
} from './rule-row.ts';
import { valuesOf } from './rule-spec.ts';
import { RULES } from './table.ts';

/** Names of sources that no admission may take. */
const TAKEN = ['standard', 'recovered', 'bonus'];
const MOST_ROWS = 100;

/** Where rows come from, and what they must not be called. */
export interface CheckRowsOptions {
  /** What messages call the place: a file's name. */
  readonly where: string;
  /** Rows that are there already; core's own by default. */
  readonly known?: readonly RuleRow[];
}

/**
 * Rows that somebody else wrote, checked down to what their example builds, for use behind `RULES`.
 * `value` is a row or a list of rows. What a row builds later is held to its word, too: an answer of
 * `admits` that is neither true nor false, or a fault inside, ends the generation with an error that
 * names the rule. Errors: code `invalid-file`.
 */
export function checkRows(value: unknown, { where, known = RULES }: CheckRowsOptions): readonly RuleRow[] {
  const rows = Array.isArray(value) ? value : [value];
  const bad = (what: string) =>
    new JudgeDecodingError(
      'invalid-file',
      `${where}: expected a rule (a row with name, kind, parameters, sentence, source and build), or a list of them: ${what}.`,
    );
  if (rows.length === 0) throw bad('there is none');
  if (rows.length > MOST_ROWS) throw bad(`there are ${rows.length}, at most ${MOST_ROWS} are read`);
  const taken = [...TAKEN, ...known.map(({ name }) => name)];
  return rows.map((row: unknown) => {
    const fault = faultOf(row, taken);
    if (fault !== undefined) throw bad(fault);
    taken.push((row as RuleRow).name);
    const held = heldToItsWord(row as RuleRow, where);
    held.build(valuesOf(held, exampleOf(held)), EXAMPLE_SURROUNDINGS);
    return held;
  });
}

const EXAMPLE_SURROUNDINGS: RuleSurroundings = { sampling: { temperature: 0 }, head: HEAD_STAND_IN };

function faultOf(row: unknown, taken: readonly string[]): string | undefined {
  if (typeof row !== 'object' || row === null) return `got ${row === null ? 'null' : typeof row}`;
  const { name, kind, parameters, sentence, source, lossless, build } = row as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[a-z][a-z0-9-]*$/.test(name))
    return `a name is small letters, digits and hyphens, got ${say(name)}`;
  if (taken.includes(name)) return `the name ${name} is taken`;
  if (kind !== 'base' && kind !== 'admission')
    return `kind of ${name} is \`base\` or \`admission\`, got ${say(kind)}`;
  if (typeof sentence !== 'string' || sentence.trim() === '') return `${name} has no sentence`;
  if (typeof source !== 'string' || source.trim() === '') return `${name} has no source`;
  if (kind === 'base' ? typeof lossless !== 'boolean' : lossless !== undefined && lossless !== false)
    return kind === 'base'
      ? `lossless of ${name} is true or false, got ${say(lossless)}`
      : `${name} is an admission, and none is lossless`;
  if (typeof build !== 'function') return `build of ${name} is a function, got ${say(build)}`;
  if (!Array.isArray(parameters)) return `parameters of ${name} are a list, got ${say(parameters)}`;
  let optional = false;
  for (const [index, parameter] of parameters.entries()) {
    const fault = faultOfParameter(parameter);
    if (fault !== undefined) return `parameter ${index + 1} of ${name} ${fault}`;
    if (optional && (parameter as RuleParameter).default === undefined)
      return `parameter ${index + 1} of ${name} must be given, but stands behind one that may be left out`;
    optional = (parameter as RuleParameter).default !== undefined;
  }
  return undefined;
}

function faultOfParameter(parameter: unknown): string | undefined {
  if (typeof parameter !== 'object' || parameter === null) return `is ${say(parameter)}`;
  const { name, default: usual, example, ...range } = parameter as Record<string, unknown>;
  if (typeof name !== 'string' || !/^[A-Za-z]\w*$/.test(name)) return `has the name ${say(name)}`;
  for (const key of ['least', 'above', 'most', 'below']) {
    if (range[key] !== undefined && typeof range[key] !== 'number') return `has ${key} ${say(range[key])}`;
  }
  const bounds = range as NumberRange;
  if (usual === undefined && example === undefined) return 'has neither a default nor an example';
  for (const [what, number] of [
    ['default', usual],
    ['example', example],
  ] as const) {
    if (number === undefined || (what === 'default' && typeof number === 'string')) continue;
    if (!isWithin(number, bounds)) return `has the ${what} ${say(number)}, which is not ${sayRange(bounds)}`;
  }
  return undefined;
}

/** The same row; what it builds is checked, and so is each answer. */
function heldToItsWord(row: RuleRow, where: string): RuleRow {
  const fault = (what: string, cause?: unknown) =>
    new JudgeDecodingError('invalid-file', `${where}: the rule ${row.name} ${what}.`, { cause });
  const trying = <Result>(doing: string, work: () => Result): Result => {
    try {
      return work();
    } catch (cause) {
      throw JudgeDecodingError.is(cause) ? cause : fault(`failed while ${doing}: ${String(cause)}`, cause);
    }
  };
  const build = (values: RuleValues, surroundings: RuleSurroundings): Base | Admission => {
    const built = trying('being built', () => row.build(values, surroundings)) as unknown;
    const wrong = row.kind === 'base' ? faultOfBase(built) : faultOfAdmission(built, row.name);
    if (wrong !== undefined) throw fault(`was built wrongly: ${wrong}`);
    if (row.kind === 'base') return built as Base;
    return answering(built as Admission);
  };
  const answering = (built: Admission): Admission => {
    // what a stranger's rule says it never admits is not relied on
    const { reach: _, forModel, ...admission } = built;
    return {
      ...admission,
      admits(...asked) {
        const answer: unknown = trying('asked about a token', () => built.admits(...asked));
        if (typeof answer === 'boolean') return answer;
        throw fault(`must answer true or false, got ${say(answer)}`);
      },
      ...(forModel === undefined ? {} : { forModel: (model) => answering(forModel(model)) }),
    };
  };
  return { ...row, ...(row.kind === 'admission' ? { lossless: false } : {}), build } as RuleRow;
}

function faultOfFacts({ needs, decoding }: Record<string, unknown>, decodings: readonly string[]) {
  const { target, draft } = (needs ?? {}) as Record<string, unknown>;
  if (typeof target !== 'object' || target === null) return 'needs.target is no request of outputs';
  if (!['nothing', 'distribution', 'full'].includes(draft as string))
    return `needs.draft is nothing, distribution or full, got ${say(draft)}`;
  if (!decodings.includes(decoding as string))
    return `decoding is ${decodings.join(' or ')}, got ${say(decoding)}`;
  return undefined;
}

function faultOfAdmission(built: unknown, name: string): string | undefined {
  if (typeof built !== 'object' || built === null) return `it is ${say(built)}`;
  const admission = built as Record<string, unknown>;
  if (admission.name !== name) return `its name is ${say(admission.name)}, not ${name}`;
  if (typeof admission.admits !== 'function') return 'it has no function `admits`';
  return faultOfFacts(admission, ['greedy', 'either']);
}

function faultOfBase(built: unknown): string | undefined {
  if (typeof built !== 'object' || built === null) return `it is ${say(built)}`;
  const base = built as Record<string, unknown>;
  if (typeof base.name !== 'string') return `its name is ${say(base.name)}`;
  if (typeof base.lossless !== 'boolean') return `lossless is true or false, got ${say(base.lossless)}`;
  const functions = { 'token-wise': ['accepts', 'recovered', 'bonus'], joint: ['decide'] }[String(base.kind)];
  if (functions === undefined) return `its kind is token-wise or joint, got ${say(base.kind)}`;
  const missing = functions.find((each) => typeof base[each] !== 'function');
  if (missing !== undefined) return `it has no function \`${missing}\``;
  return faultOfFacts(base, ['greedy', 'sampling', 'either']);
}

function say(value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol') return `a ${typeof value}`;
  if (value instanceof Promise) return 'a promise';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
