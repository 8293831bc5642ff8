import type { Asked, Frame, Operation } from './word-phrases.ts';

export interface Change {
  readonly operation: Operation;
  readonly by: number;
  /** Where `by` is so many times so many: how often, and how many each time. */
  readonly packs?: readonly [count: number, each: number];
  /** Who gives to, or takes from, the owner. */
  readonly other?: string;
}

/** What a word problem says, whatever its words. Names and things are as they were typed. */
export interface WordFacts {
  readonly frame: Frame;
  /** Nothing where the story is told by "I" or "we". */
  readonly owner?: string;
  readonly item: string;
  readonly start: number;
  readonly startPacks?: readonly [count: number, each: number];
  readonly changes: readonly Change[];
  /** Somebody else has so many more, less or times as many, and is asked for alone or together with the owner. */
  readonly compare?: {
    readonly other: string;
    readonly operation: Operation;
    readonly by: number;
    readonly both: boolean;
  };
  readonly asked: Asked;
  /** What the question adds: the goal, the shares, or what somebody else has. */
  readonly against?: number;
}

export const LARGEST = 9999;
export const LARGEST_FACTOR = 12;

/** Nothing where the result is no whole number from 0 to 9,999, or the factor is larger than twelve. */
export function result(operation: Operation, value: number, by: number): number | undefined {
  if ((operation === '*' || operation === '/') && (by < 1 || by > LARGEST_FACTOR)) return undefined;
  const found = applied(operation, value, by);
  return Number.isInteger(found) && found >= 0 && found <= LARGEST && by <= LARGEST ? found : undefined;
}

/** What comes out, whatever the numbers: a solution that went wrong has to go on, too. */
export function applied(operation: Operation, value: number, by: number): number {
  if (operation === '+') return value + by;
  if (operation === '-') return value - by;
  return operation === '*' ? value * by : value / by;
}

/** Several times several: one of the two is a small factor. */
export function product([count, each]: readonly [number, number]): number | undefined {
  return result('*', Math.max(count, each), Math.min(count, each));
}

/** What is worked out in the end, from what there is and what the question adds. */
export function asFinal(
  asked: Exclude<Asked, 'now'>,
  value: number,
  against: number,
): readonly [number, Operation, number] {
  if (asked === 'each') return [value, '/', against];
  if (asked === 'together') return [value, '+', against];
  return asked === 'ahead' ? [value, '-', against] : [against, '-', value];
}

/** The answer, or nothing where the numbers lead somewhere that the world does not know. */
export function solved(facts: WordFacts): number | undefined {
  let value: number | undefined = facts.startPacks === undefined ? facts.start : product(facts.startPacks);
  if (value === undefined || value > LARGEST) return undefined;
  for (const { operation, by, packs } of facts.changes) {
    if (packs !== undefined && product(packs) === undefined) return undefined;
    value = result(operation, value, by);
    if (value === undefined) return undefined;
  }
  const { compare } = facts;
  if (compare !== undefined) {
    const other = result(compare.operation, value, compare.by);
    if (other === undefined) return undefined;
    value = compare.both ? result('+', value, other) : other;
  }
  if (facts.asked === 'now' || value === undefined) return value;
  const [left, operation, right] = asFinal(facts.asked, value, facts.against ?? 0);
  return result(operation, left, right);
}

/** How many moves it takes. */
export const movesOf = ({ startPacks, changes, compare, asked }: WordFacts): number =>
  (startPacks === undefined ? 0 : 1) +
  changes.length +
  (compare === undefined ? 0 : compare.both ? 2 : 1) +
  (asked === 'now' ? 0 : 1);
