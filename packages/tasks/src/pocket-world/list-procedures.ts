import {
  applied,
  type Change,
  LARGEST_NUMBER,
  type ListFacts,
  LONGEST,
  type Question,
  solvedList,
} from './list-facts.ts';
import { listAnswer, listSteps } from './list-solution.ts';
import { tellList } from './list-teller.ts';
import { openListed } from './open-words.ts';
import { between, pick, pickSome, type Random } from './random.ts';
import type { Task } from './task.ts';
import { drawTyping } from './typing.ts';
import { type Vocabulary, WORLD } from './word-cast.ts';

export function drawListProcedure(random: Random, size: number, vocabulary: Vocabulary = WORLD): Task {
  for (;;) {
    const task = tryToDraw(random, size, vocabulary);
    if (task !== undefined) return task;
  }
}

function drawList(random: Random, size: number): number[] {
  const way = random();
  // Numbers close to each other: their order often hangs on the last digit.
  const [low, width] =
    way < 0.35
      ? [between(random, 11, 54), 45]
      : way < 0.5
        ? [1, 30]
        : way < 0.7
          ? [1, 98]
          : way < 0.85
            ? [between(random, 100, 600), 399]
            : way < 0.95
              ? [1, 998]
              : [1, 4000];
  const twice = random() < 0.12;
  const list: number[] = [];
  while (list.length < size) {
    const value =
      twice && list.length > 0 && random() < 0.25 ? pick(random, list) : between(random, low, low + width);
    if (twice || !list.includes(value)) list.push(value);
  }
  return list;
}

/** Of numbers: most often the list itself, or the sum, on which every number has its part. */
const ASKED_OF_NUMBERS = choices<Question | 'list'>({
  list: 12,
  sum: 6,
  count: 3,
  largest: 3,
  smallest: 3,
  first: 1,
  last: 1,
  second: 1,
  third: 1,
  fourth: 1,
  fifth: 1,
});
const ASKED_OF_WORDS = choices<Question | 'list'>({
  list: 12,
  count: 3,
  first: 2,
  last: 2,
  second: 1,
  third: 1,
  fourth: 1,
  fifth: 1,
});

function choices<T extends string>(weights: Readonly<Partial<Record<T, number>>>): readonly T[] {
  return Object.entries(weights).flatMap(([name, weight]) =>
    Array.from({ length: weight as number }, () => name as T),
  );
}

function tryToDraw(random: Random, size: number, vocabulary: Vocabulary): Task | undefined {
  const typing = drawTyping(random);
  const words =
    random() < 0.38
      ? openListed(random, size, vocabulary.name).map((word) => (typing.lower ? word.toLowerCase() : word))
      : undefined;
  const list = words === undefined ? drawList(random, size) : words.map((_, at) => at);
  const most = size <= 5 ? 4 : 3;
  const way = random();
  const count = way < 0.14 ? 0 : way < 0.55 ? 1 : way < 0.8 ? 2 : between(random, 1, most);
  const changes: Change[] = [];
  let known: readonly string[] | undefined = words;
  let now: readonly number[] = list;
  while (changes.length < count) {
    const made = drawChange(now, known, changes.at(-1)?.kind, random, vocabulary);
    if (made === undefined) return undefined;
    known = made.words;
    now = applied(made.change, now, known);
    if (now.length === 0) return undefined;
    changes.push(made.change);
  }
  const first = pick(random, words === undefined ? ASKED_OF_NUMBERS : ASKED_OF_WORDS);
  let questions: readonly Question[] = first === 'list' ? [] : [first];
  let combination: ListFacts['combination'];
  const second = random();
  if (second < 0.05 && words === undefined) {
    questions = ['largest', 'smallest'];
    combination = 'difference';
  } else if (second < 0.12) {
    const from: readonly Question[] =
      words === undefined
        ? ['count', 'sum', 'first', 'last', 'largest', 'smallest']
        : ['count', 'first', 'last'];
    questions = pickSome(random, from, 2);
    combination = 'both';
  }
  const facts: ListFacts = {
    list,
    ...(known === undefined ? {} : { words: known }),
    changes,
    questions,
    ...(combination === undefined ? {} : { combination }),
  };
  if (solvedList(facts) === undefined) return undefined;
  const prompt = tellList(facts, typing, random);
  return prompt === undefined ? undefined : listTask(facts, prompt);
}

/** A problem from what it says. */
export function listTask(facts: ListFacts, prompt: string): Task | undefined {
  const answer = solvedList(facts);
  if (answer === undefined) return undefined;
  return {
    key: JSON.stringify(facts).toLowerCase(),
    prompt,
    answer,
    size: facts.list.length,
    steps: listSteps(facts),
    answerOf: (known) => listAnswer(facts, known),
    // Many a wrong number does no harm here: were more taken back, hardly a mistake would count.
    retractions: 0.5,
  };
}

interface Made {
  readonly change: Change;
  readonly words: readonly string[] | undefined;
}

const OF_NUMBERS = [
  ...['sort', 'sort', 'sort', 'keep', 'keep', 'keep', 'reverse', 'drop', 'pick', 'cut', 'remove', 'insert'],
  ...['add', 'take', 'times'],
] as const;
const OF_WORDS = [
  'sort',
  'sort',
  'sort',
  'reverse',
  'reverse',
  'drop',
  'pick',
  'pick',
  'cut',
  'remove',
  'remove',
  'insert',
] as const;

function drawChange(
  list: readonly number[],
  words: readonly string[] | undefined,
  before: Change['kind'] | undefined,
  random: Random,
  vocabulary: Vocabulary,
): Made | undefined {
  const kinds = (words === undefined ? OF_NUMBERS : OF_WORDS).filter((kind) => kind !== before);
  const kind = pick(random, kinds);
  const made = (change: Change): Made => ({ change, words });
  const high = Math.max(...list);
  const end = random() < 0.5 ? 'first' : 'last';
  switch (kind) {
    case 'sort': {
      const up = random() < (words === undefined ? 0.5 : 0.88);
      return made({ kind, order: up ? 'ascending' : 'descending' });
    }
    case 'keep':
      return made(
        random() < 0.4
          ? { kind, test: random() < 0.5 ? 'even' : 'odd' }
          : {
              kind,
              test: pick(random, [
                'above',
                'above',
                'above',
                'below',
                'below',
                'at least',
                'at most',
              ] as const),
              than: thresholdFor(list, random),
            },
      );
    case 'reverse':
      return made({ kind });
    case 'drop':
      return made({
        kind,
        end: words === undefined && random() < 0.4 ? pick(random, ['largest', 'smallest'] as const) : end,
      });
    case 'pick':
    case 'cut':
      return list.length < 3
        ? undefined
        : made({ kind, end, count: between(random, kind === 'pick' ? 1 : 2, Math.min(6, list.length - 1)) });
    case 'remove':
      return made({ kind, item: pick(random, list) });
    case 'insert': {
      if (list.length >= LONGEST) return undefined;
      if (words === undefined) return made({ kind, end, item: between(random, 1, Math.max(20, high)) });
      const [word] = openListed(random, 1, vocabulary.name);
      const lower = words.every((one) => one === one.toLowerCase());
      const added = lower ? word!.toLowerCase() : word!;
      return { change: { kind, end, item: words.length }, words: [...words, added] };
    }
    case 'add':
      return made({ kind, by: between(random, 1, pick(random, [10, 49, 49, 99, high > 99 ? 500 : 60])) });
    case 'take': {
      const low = Math.min(...list);
      return low < 2
        ? undefined
        : made({ kind, by: between(random, 1, Math.min(low, random() < 0.7 ? 49 : 300)) });
    }
    case 'times': {
      const largest = Math.min(10, Math.floor(LARGEST_NUMBER / Math.max(1, high)));
      return largest < 2
        ? undefined
        : made({ kind, by: between(random, 2, Math.min(largest, random() < 0.7 ? 5 : 10)) });
    }
  }
}

/** Somewhere in the middle of the list; most often round. */
function thresholdFor(list: readonly number[], random: Random): number {
  const [low, high] = [Math.min(...list), Math.max(...list)];
  const middle = low + (high - low) * (0.2 + 0.6 * random());
  if (random() < 0.15) return pick(random, list);
  return random() < 0.65 ? Math.max(5, Math.round(middle / 5) * 5) : Math.round(middle);
}
