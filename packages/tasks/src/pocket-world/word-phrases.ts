import { type Pattern, parsePattern } from './pattern.ts';

/** Who or what has the things: somebody, or a place. */
export type Frame = 'person' | 'place';
export type Operation = '+' | '-' | '*' | '/';

/** A sentence that says what there is at first. */
export interface StartPhrase {
  readonly pattern: Pattern;
  readonly frame: Frame;
  /**
   * - `packs`: {a} times {b} of them;
   * - `price`: {a} things at {b} each;
   * - `none`: nothing yet;
   * - `act`: so many of what somebody does, {act}, and goes on to do;
   * - `age`: years.
   */
  readonly kind: 'plain' | 'packs' | 'price' | 'none' | 'act' | 'age';
  /** What is counted, where the sentence does not say. */
  readonly item?: string;
  /** The sentence asks at once how many that is. */
  readonly asks?: true;
}

/** A sentence that changes how many there are. */
export interface ChangePhrase {
  readonly pattern: Pattern;
  readonly frame: Frame;
  readonly operation: Operation;
  /** Where the sentence has no number of its own: "half", "doubles". */
  readonly by?: number;
  /** {a} times {b} instead of {n}. */
  readonly packs?: true;
  /** - `money`: where money is counted; `price`: behind a price; `act`: the same is done again, {act}. */
  readonly only?: Only;
}

export type Only = 'money' | 'price' | 'act' | 'age';

/** What is asked in the end; `{o2}` is another holder, `{n}` the goal or the shares. */
export type Asked = 'now' | 'missing' | 'each' | 'groups' | 'together' | 'ahead';

export interface QuestionPhrase {
  readonly pattern: Pattern;
  readonly frame: Frame;
  readonly asked: Asked;
  readonly only?: Only;
}

/** A holder `{o}` starts with more, less or so many times as many as `{o2}`. */
export interface ComparePhrase {
  readonly pattern: Pattern;
  readonly operation: Operation;
  readonly by?: number;
  readonly only?: Only;
}

export const person = '(people|friends|children|kids|classmates|pupils|persons)';

/** Several sources for one meaning, each a pattern of its own; one that `~` stands before is only read. */
export const phrases = <T extends object>(
  rows: readonly (readonly [T, ...string[]])[],
): (T & { pattern: Pattern; unsaid?: true })[] =>
  rows.flatMap(([meaning, ...sources]) =>
    sources.map((source) =>
      source.startsWith('~')
        ? { ...meaning, pattern: parsePattern(source.slice(1)), unsaid: true as const }
        : { ...meaning, pattern: parsePattern(source) },
    ),
  );

/** Those that are written, too. */
export const said = <T extends object>(all: readonly T[]): readonly T[] =>
  all.filter((one) => !('unsaid' in one));

/** So many of them again and again, {a} times. */
export const rate =
  '((every|each|a|per) day for {a} days|daily for {a} days|(every|each|a|per) week for {a} weeks|(every|each|per|an) hour for {a} hours|(every|each|a|per) month for {a} months|(a|per|every) minute for {a} minutes|(every|each|a|per) year for {a} years|(every|each) (night|morning|evening) for {a} (nights|days)|on each of {a} days)';
