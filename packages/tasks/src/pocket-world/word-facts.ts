import type { Frame, Operation } from './word-phrases.ts';

/** Somebody, or a place, that has some of the things. */
export interface Holder {
  readonly frame: Frame;
  /** What solutions call it; nothing for "I" and "we". */
  readonly name?: string;
}

export type Packs = readonly [count: number, each: number];

/** Holders are numbers: places in `WordFacts.holders`. */
export type Move =
  | { readonly kind: 'start'; readonly who: number; readonly by: number; readonly packs?: Packs }
  /** Starts with so many more, less or times as many as another. */
  | {
      readonly kind: 'compare';
      readonly who: number;
      readonly of: number;
      readonly operation: Operation;
      readonly by: number;
    }
  | {
      readonly kind: 'change';
      readonly who: number;
      readonly operation: Operation;
      readonly by: number;
      readonly packs?: Packs;
      /** From whom or to whom, who is no holder. */
      readonly other?: string;
    }
  | { readonly kind: 'pass'; readonly from: number; readonly to: number; readonly by: number };

export type Change = Move & { readonly kind: 'change' };

export type Question =
  | { readonly kind: 'now'; readonly who: number }
  | { readonly kind: 'together'; readonly whos: readonly number[] }
  | { readonly kind: 'ahead'; readonly who: number; readonly than: number }
  | { readonly kind: 'missing'; readonly who: number; readonly goal: number }
  | { readonly kind: 'each'; readonly who: number; readonly parts: number }
  /** How many groups of so many they make. */
  | { readonly kind: 'groups'; readonly who: number; readonly of: number };

/** What a story says, whatever its words. Names and things are as they were typed. */
export interface WordFacts {
  readonly holders: readonly Holder[];
  readonly item: string;
  readonly moves: readonly Move[];
  /** One, or two with an answer each. */
  readonly questions: readonly Question[];
}

export const LARGEST = 9999;
export const LARGEST_FACTOR = 12;
export const MOST_MOVES = 14;

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
export function product([count, each]: Packs): number | undefined {
  return result('*', Math.max(count, each), Math.min(count, each));
}

/** What everyone has after a move; nothing where the numbers lead somewhere that the world does not know. */
export function moved(
  move: Move,
  values: readonly (number | undefined)[],
): (number | undefined)[] | undefined {
  const now = [...values];
  switch (move.kind) {
    case 'start': {
      if (now[move.who] !== undefined) return undefined;
      const value = move.packs === undefined ? move.by : product(move.packs);
      if (value === undefined || value > LARGEST) return undefined;
      now[move.who] = value;
      return now;
    }
    case 'compare': {
      const of = now[move.of];
      const value = of === undefined ? undefined : result(move.operation, of, move.by);
      if (value === undefined || now[move.who] !== undefined) return undefined;
      now[move.who] = value;
      return now;
    }
    case 'change': {
      if (move.packs !== undefined && product(move.packs) === undefined) return undefined;
      const before = now[move.who];
      const value = before === undefined ? undefined : result(move.operation, before, move.by);
      if (value === undefined) return undefined;
      now[move.who] = value;
      return now;
    }
    case 'pass': {
      const [from, to] = [now[move.from], now[move.to]];
      const left = from === undefined ? undefined : result('-', from, move.by);
      const more = to === undefined ? undefined : result('+', to, move.by);
      if (left === undefined || more === undefined || move.from === move.to) return undefined;
      now[move.from] = left;
      now[move.to] = more;
      return now;
    }
  }
}

/** The answer to one question, from what everyone has in the end. */
export function answerOf(question: Question, values: readonly (number | undefined)[]): number | undefined {
  const value = (who: number) => values[who];
  switch (question.kind) {
    case 'now':
      return value(question.who);
    case 'together':
      return question.whos.reduce<number | undefined>(
        (sum, who) =>
          sum === undefined || value(who) === undefined ? undefined : result('+', sum, value(who)!),
        0,
      );
    case 'ahead': {
      const [one, other] = [value(question.who), value(question.than)];
      return one === undefined || other === undefined ? undefined : result('-', one, other);
    }
    case 'missing': {
      const one = value(question.who);
      return one === undefined ? undefined : result('-', question.goal, one);
    }
    case 'each': {
      const one = value(question.who);
      return one === undefined ? undefined : result('/', one, question.parts);
    }
    case 'groups': {
      const one = value(question.who);
      return one === undefined ? undefined : result('/', one, question.of);
    }
  }
}

/** What everyone has in the end. */
export function endOf({ holders, moves }: WordFacts): readonly (number | undefined)[] | undefined {
  let values: readonly (number | undefined)[] | undefined = holders.map(() => undefined);
  for (const move of moves) values = values && moved(move, values);
  return values;
}

/** Whether every holder has a part in what is asked. */
function concerned({ holders, moves, questions }: WordFacts): boolean {
  return holders.every(
    (_, who) =>
      questions.some((question) =>
        question.kind === 'together'
          ? question.whos.includes(who)
          : question.who === who || (question.kind === 'ahead' && question.than === who),
      ) ||
      moves.some(
        (move) =>
          (move.kind === 'pass' && (move.from === who || move.to === who)) ||
          (move.kind === 'compare' && move.of === who),
      ),
  );
}

/** The answer, or nothing where the numbers lead somewhere that the world does not know. */
export function solved(facts: WordFacts): string | undefined {
  const values = endOf(facts);
  if (values === undefined || movesOf(facts) > MOST_MOVES || !concerned(facts)) return undefined;
  const answers = facts.questions.map((question) => answerOf(question, values));
  return answers.length === 0 || answers.length > 2 || answers.includes(undefined)
    ? undefined
    : answers.join('; ');
}

/** How many moves it takes. */
export const movesOf = ({ moves, questions }: WordFacts): number =>
  moves.reduce((sum, move) => sum + (move.kind === 'start' ? (move.packs === undefined ? 0 : 1) : 1), 0) +
  questions.reduce(
    (sum, one) => sum + (one.kind === 'now' ? 0 : one.kind === 'together' ? one.whos.length - 1 : 1),
    0,
  );
