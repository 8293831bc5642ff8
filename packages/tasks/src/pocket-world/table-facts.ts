import type { Combination, Reduction } from './table-phrases.ts';

export interface Group {
  readonly rows: readonly number[];
  readonly reduction: Reduction;
}

/** What a table question says, whatever its words. Names and things are as they were typed. */
export interface TableFacts {
  readonly names: readonly string[];
  /** What is counted, where the table says it. */
  readonly item?: string;
  readonly cells: readonly number[];
  /** What stands between a name and its number, in the table and in every line that looks it up. */
  readonly separator: string;
  readonly first: Group;
  readonly second?: Group;
  /** What is made of two groups. */
  readonly combination?: Combination;
}

export const LARGEST_SUM = 9999;
/** A solution takes about 27 tokens a look-up, and has to fit into the context. */
export const MOST_LOOK_UPS = 24;

export function reduced({ rows, reduction }: Group, cells: readonly number[]): number {
  const values = rows.map((row) => cells[row]!);
  if (reduction === 'largest') return Math.max(...values);
  return reduction === 'smallest' ? Math.min(...values) : values.reduce((sum, value) => sum + value, 0);
}

export function combined(combination: Combination, first: number, second: number): number {
  if (combination === 'both') return second;
  return combination === 'total' ? first + second : Math.abs(first - second);
}

/** The answer, or nothing where a number on the way is too large. */
export function solvedTable({ cells, first, second, combination }: TableFacts): number | undefined {
  if (first.rows.length + (second?.rows.length ?? 0) > MOST_LOOK_UPS) return undefined;
  const one = reduced(first, cells);
  const other = second === undefined ? 0 : reduced(second, cells);
  const answer = second === undefined ? one : combined(combination ?? 'both', one, other);
  return Math.max(one, other, answer, ...cells) > LARGEST_SUM ? undefined : answer;
}
