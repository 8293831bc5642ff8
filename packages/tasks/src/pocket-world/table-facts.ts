import type { Bound } from './list-facts.ts';
import { stays } from './list-facts.ts';

/** What is made of the numbers of one group of rows. */
export type Reduction = 'sum' | 'largest' | 'smallest';

export interface Group {
  readonly rows: readonly number[];
  readonly reduction: Reduction;
}

/** What is asked of a table. */
export type Ask =
  /** A number. */
  | ({ readonly kind: 'value' } & Group)
  /** A name. */
  | { readonly kind: 'who'; readonly rows: readonly number[]; readonly reduction: 'largest' | 'smallest' }
  /** How many rows. */
  | { readonly kind: 'count'; readonly test: Bound; readonly than: number }
  /** The names of these rows. */
  | { readonly kind: 'which'; readonly test: Bound; readonly than: number }
  /** A number made of two groups. */
  | { readonly kind: 'difference' | 'total'; readonly one: Group; readonly other: Group };

/** What a table question says, whatever its words. Names are as they were typed. */
export interface TableFacts {
  readonly names: readonly string[];
  readonly cells: readonly number[];
  /** What stands between a name and its number, in the table and in every line that looks it up. */
  readonly separator: string;
  /** One or two. */
  readonly asks: readonly Ask[];
}

export const LARGEST_SUM = 9999;
/** A solution takes about 27 tokens a look-up, and has to fit into the context. */
export const MOST_LOOK_UPS = 20;

export function reduced({ rows, reduction }: Group, cells: readonly number[]): number {
  const values = rows.map((row) => cells[row]!);
  if (reduction === 'largest') return Math.max(...values);
  return reduction === 'smallest' ? Math.min(...values) : values.reduce((sum, value) => sum + value, 0);
}

export const combined = (kind: 'difference' | 'total', first: number, second: number): number =>
  kind === 'total' ? first + second : Math.abs(first - second);

export const passes = (test: Bound, than: number, value: number): boolean =>
  stays({ kind: 'keep', test, than }, value);

/** How many rows are looked at. */
export function looksOf(ask: Ask, rows: number): number {
  if (ask.kind === 'value' || ask.kind === 'who') return ask.rows.length;
  if (ask.kind === 'difference' || ask.kind === 'total') return ask.one.rows.length + ask.other.rows.length;
  return rows;
}

/** The numbers that answer a question: a number, a row, or rows; nothing where it has no one answer. */
export function answerOfAsk(ask: Ask, { names, cells }: TableFacts): readonly number[] | undefined {
  switch (ask.kind) {
    case 'value':
      return [reduced(ask, cells)];
    case 'who': {
      const best = reduced(ask, cells);
      const rows = ask.rows.filter((row) => cells[row] === best);
      return rows.length === 1 && ask.rows.length > 1 ? rows : undefined;
    }
    case 'count':
      return [cells.filter((value) => passes(ask.test, ask.than, value)).length];
    case 'which': {
      const rows = [...names.keys()].filter((row) => passes(ask.test, ask.than, cells[row]!));
      return rows.length === 0 ? undefined : rows;
    }
    default: {
      const [one, other] = [reduced(ask.one, cells), reduced(ask.other, cells)];
      return Math.max(one, other) > LARGEST_SUM ? undefined : [combined(ask.kind, one, other)];
    }
  }
}

export const isName = (ask: Ask): boolean => ask.kind === 'who' || ask.kind === 'which';

/** How an answer is written. */
export const askText = (ask: Ask, { names }: TableFacts, found: readonly number[]): string =>
  isName(ask) ? found.map((row) => names[row] ?? '').join(', ') : String(found[0] ?? 0);

/** Whether the answer is a list of any length: nothing may follow it. */
export const isList = (ask: Ask): boolean => ask.kind === 'which';

/** The answer, or nothing where a number on the way is too large or something is not to be told. */
export function solvedTable(facts: TableFacts): string | undefined {
  const { asks, cells, names } = facts;
  if (asks.length === 0 || asks.length > 2) return undefined;
  if (asks.length === 2 && isList(asks[0]!)) return undefined;
  if (asks.reduce((sum, ask) => sum + looksOf(ask, names.length), 0) > MOST_LOOK_UPS) return undefined;
  if (Math.max(...cells) > LARGEST_SUM) return undefined;
  const texts: string[] = [];
  for (const ask of asks) {
    const found = answerOfAsk(ask, facts);
    if (found === undefined || (!isName(ask) && found[0]! > LARGEST_SUM)) return undefined;
    texts.push(askText(ask, facts, found));
  }
  return texts.join('; ');
}
