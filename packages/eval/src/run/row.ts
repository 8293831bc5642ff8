import { createHash } from 'node:crypto';
import { type Finish, JudgeDecodingError, NO_STATS, type Stats, type TokenId } from '@judge-decoding/core';

/** One generation of one arm on one problem: its speed and its correctness are of the same text. */
export interface Row {
  readonly arm: string;
  readonly problem: string;
  readonly domain: string;
  /** 0 for plain decoding. */
  readonly draftLength: number;
  /** Counted from 0, where everything is run more than once. */
  readonly repeat: number;
  /** Nothing where no program can tell. */
  readonly correct: boolean | null;
  readonly finish: Finish['reason'];
  /** Generated tokens, end token included. */
  readonly tokens: readonly TokenId[];
  /** First 16 hex digits of sha256 over the tokens: the same hash is the same text. */
  readonly hash: string;
  /** The whole generation, prefill included. */
  readonly milliseconds: number;
  readonly stats: Stats;
  /** Milliseconds until the first committed token. */
  readonly firstToken?: number;
  /** Of each round: how many tokens it committed, and its milliseconds. */
  readonly rounds?: readonly (readonly [tokens: number, milliseconds: number])[];
  /** Who let each token in, a letter a token: see `markOf`. */
  readonly marks?: string;
  /** Tokens of each turn, where there are several. */
  readonly turns?: readonly number[];
  /** The answers as text, by turn, where a model must grade them. */
  readonly texts?: readonly string[];
  /** The machine that it was run on: a name in `env.json`. */
  readonly machine?: string;
}

/** Rows are told apart by this. */
export const rowKey = ({
  arm,
  draftLength,
  problem,
  repeat,
}: Pick<Row, 'arm' | 'draftLength' | 'problem' | 'repeat'>) =>
  JSON.stringify([arm, draftLength, problem, repeat]);

/** Tells two texts apart: 16 hexadecimal digits of SHA-256 over their token ids. */
export const hashTokens = (tokens: readonly TokenId[]): string =>
  createHash('sha256').update(tokens.join(' ')).digest('hex').slice(0, 16);

/** One line of JSON as a row; anything else is an error of code `invalid-file` that says where. */
export function parseRow(line: string, where: string): Row {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw bad(where, 'is not JSON', cause);
  }
  if (typeof value !== 'object' || value === null) throw bad(where, 'is no object');
  const row = value as Record<string, unknown>;
  const kinds: Readonly<Partial<Record<keyof Row, string>>> = {
    arm: 'string',
    problem: 'string',
    domain: 'string',
    draftLength: 'number',
    repeat: 'number',
    finish: 'string',
    tokens: 'object',
    hash: 'string',
    milliseconds: 'number',
    stats: 'object',
  };
  for (const [name, kind] of Object.entries(kinds)) {
    const found: string = typeof row[name];
    if (found !== kind || row[name] === null) throw bad(where, `has no ${kind} \`${name}\``);
  }
  if (row.correct !== null && typeof row.correct !== 'boolean')
    throw bad(where, 'has no `correct` that is true, false or null');
  if (!isCounts(row.tokens)) throw bad(where, 'has no list `tokens` of numbers');
  if (!((row.milliseconds as number) >= 0)) throw bad(where, 'has `milliseconds` below 0');
  const { rounds } = row;
  if (
    rounds !== undefined &&
    !(Array.isArray(rounds) && rounds.every((one) => isCounts(one) && one.length === 2))
  )
    throw bad(where, 'has `rounds` that are no pairs of tokens and milliseconds');
  return { ...(value as Row), stats: statsOf(row.stats as Record<string, unknown>, where) };
}

const COUNTS = [
  ...(['generations', 'rounds', 'drafted', 'accepted', 'recovered'] as const),
  ...(['bonus', 'withheld', 'endedInside', 'committed'] as const),
];
const LISTS = ['draftedByPosition', 'acceptedByPosition', 'acceptedHistogram', 'scoreHistogram'] as const;

/** Statistics that can be added up; what rows of an earlier release do not have counts nothing. */
function statsOf(stats: Record<string, unknown>, where: string): Stats {
  for (const name of COUNTS)
    if (!Number.isFinite(stats[name])) throw bad(where, `has no number \`stats.${name}\``);
  for (const name of LISTS)
    if (!isCounts(stats[name])) throw bad(where, `has no list \`stats.${name}\` of numbers`);
  for (const name of ['acceptedBySource', 'times'] as const) {
    const found = stats[name];
    if (typeof found !== 'object' || found === null || !isCounts(Object.values(found)))
      throw bad(where, `has no \`stats.${name}\` of numbers`);
  }
  return { ...NO_STATS, ...(stats as Partial<Stats>) };
}

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((one) => Number.isFinite(one));

function bad(where: string, what: string, cause?: unknown): JudgeDecodingError {
  return new JudgeDecodingError('invalid-file', `Expected a row at ${where}, but it ${what}.`, { cause });
}
