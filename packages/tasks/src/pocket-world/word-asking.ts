import { between, pick, type Random } from './random.ts';
import type { Question } from './word-facts.ts';
import type { Scale } from './word-numbers.ts';
import { type Asked, type Frame, type Only, type QuestionPhrase, said } from './word-phrases.ts';
import { QUESTIONS } from './word-questions.ts';

/** What will be asked at the end of a story of so many holders that has so many moves left. */
export function drawKinds(
  count: number,
  left: number,
  topic: Only | 'things',
  random: Random,
): readonly Asked[] {
  const way = random();
  if (count === 1) {
    if (way < 0.7 || left === 0 || topic === 'act') return ['now'];
    if (way < 0.79) return ['missing'];
    if (way < 0.91) return ['each'];
    if (way < 0.95) return [topic === 'money' ? 'each' : 'groups'];
    return ['now', pick(random, ['missing', 'each'] as const)];
  }
  if (way < 0.3) return ['now'];
  if (way < 0.55) return ['together'];
  if (way < 0.8) return ['ahead'];
  if (way < 0.88) return ['now', 'now'];
  return way < 0.94 ? ['now', 'together'] : ['ahead', 'together'];
}

const DIVISORS = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12];

/** A question of a kind, about what everyone has; nothing where the numbers leave none. */
export function drawQuestion(
  asked: Asked,
  used: readonly number[],
  values: readonly (number | undefined)[],
  { change }: Scale,
  random: Random,
): Question | undefined {
  const all = [...values.keys()];
  const free = all.filter((who) => !used.includes(who));
  const who = pick(random, free.length === 0 || asked !== 'now' ? all : free);
  const value = values[who];
  if (value === undefined) return undefined;
  const divisors = DIVISORS.filter((divisor) => value % divisor === 0 && value > divisor);
  switch (asked) {
    case 'now':
      return { kind: 'now', who };
    case 'together':
      return { kind: 'together', whos: all };
    case 'ahead': {
      const others = all.filter((other) => other !== who);
      const than = pick(random, others);
      return values[than]! <= value ? { kind: 'ahead', who, than } : { kind: 'ahead', who: than, than: who };
    }
    case 'missing': {
      const goal =
        random() < 0.4
          ? Math.ceil((value + 1) / 10) * 10 + 10 * between(random, 0, 5)
          : value + between(random, 1, change[1]);
      return { kind: 'missing', who, goal };
    }
    case 'groups':
      return divisors.length === 0 ? undefined : { kind: 'groups', who, of: pick(random, divisors) };
    case 'each':
      return divisors.length === 0 ? undefined : { kind: 'each', who, parts: pick(random, divisors) };
  }
}

/** Whom a question names, and its number. */
export function saidOf(question: Question): {
  readonly who: number;
  readonly other?: number;
  readonly n: number;
} {
  switch (question.kind) {
    case 'together':
      return { who: question.whos[0] ?? 0, other: question.whos[1] ?? 1, n: 0 };
    case 'ahead':
      return { who: question.who, other: question.than, n: 0 };
    case 'missing':
      return { who: question.who, n: question.goal };
    case 'each':
      return { who: question.who, n: question.parts };
    case 'groups':
      return { who: question.who, n: question.of };
    case 'now':
      return { who: question.who, n: 0 };
  }
}

export const askedPhrases = (
  frame: Frame,
  asked: Asked,
  topic: Only | undefined,
): readonly QuestionPhrase[] =>
  said(QUESTIONS).filter(
    (phrase) => phrase.frame === frame && phrase.asked === asked && phrase.only === topic,
  );
