import {
  applied,
  type Change,
  LARGEST_NUMBER,
  type ListFacts,
  LONGEST,
  type Question,
  solvedList,
} from './list-facts.ts';
import {
  CHANGES,
  type ChangePhrase,
  type ChangeShape,
  HEAD_CHANGES,
  HEADS,
  LEAD,
  shapeOf,
} from './list-phrases.ts';
import { DIRECT, FILTERED, QUESTIONS } from './list-questions.ts';
import { listSteps } from './list-solution.ts';
import { openTitle } from './open-words.ts';
import { type Pattern, sayPattern } from './pattern.ts';
import { between, pick, pickSome, type Random } from './random.ts';
import type { Task } from './task.ts';
import { drawTyping, sentence, type Typing, typedNumber } from './typing.ts';

/** What a list may be of. */
const LISTED =
  'numbers scores ages prices points results sizes weights heights temperatures values distances marks grades times lengths'.split(
    ' ',
  );

/** Most often the sum, on which every number of the list has its part. */
const ASKED: readonly Question[] = [
  ...Array.from({ length: 6 }, () => 'sum' as const),
  'count',
  'count',
  'first',
  'last',
  'second',
  'third',
  'largest',
  'smallest',
];

export function drawListProcedure(random: Random, size: number): Task {
  for (;;) {
    const task = tryToDraw(random, size);
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

function tryToDraw(random: Random, size: number): Task | undefined {
  const typing = drawTyping(random);
  const list = drawList(random, size);
  const most = size <= 5 ? 5 : size <= 8 ? 4 : 3;
  const count = random() < 0.12 ? 0 : between(random, 1, most);
  const changes: Change[] = [];
  let now: readonly number[] = list;
  while (changes.length < count) {
    const change = drawChange(now, changes.at(-1)?.kind, random);
    if (change === undefined) return undefined;
    now = applied(change, now);
    if (now.length === 0) return undefined;
    changes.push(change);
  }
  if (now.length < 1 || (count === 0 && size < 2)) return undefined;
  const way = random();
  const questions: readonly Question[] =
    way < 0.84
      ? [pick(random, ASKED)]
      : way < 0.9
        ? ['largest', 'smallest']
        : pickSome(random, ['count', 'sum', 'first', 'last', 'largest', 'smallest'] as const, 2);
  const combination = questions.length < 2 ? undefined : way < 0.9 ? 'difference' : 'both';
  const facts: ListFacts = {
    list,
    changes,
    questions,
    ...(combination === undefined ? {} : { combination }),
  };
  return listTask(facts, tell(facts, typing, random));
}

/** A problem from what it says. */
export function listTask(facts: ListFacts, prompt: string): Task | undefined {
  const answer = solvedList(facts);
  if (answer === undefined) return undefined;
  return {
    key: JSON.stringify(facts),
    prompt,
    answer,
    size: facts.list.length,
    steps: listSteps(facts),
    // Many a wrong number does no harm here: were more taken back, hardly a mistake would count.
    retractions: 0.5,
  };
}

function drawChange(
  list: readonly number[],
  before: Change['kind'] | undefined,
  random: Random,
): Change | undefined {
  const kinds = (
    ['sort', 'sort', 'add', 'take', 'times', 'keep', 'keep', 'reverse', 'drop', 'insert'] as const
  ).filter((kind) => kind !== before || kind === 'keep' || kind === 'drop');
  const kind = pick(random, kinds);
  const high = Math.max(...list);
  switch (kind) {
    case 'sort':
      return { kind, order: random() < 0.5 ? 'ascending' : 'descending' };
    case 'keep':
      return random() < 0.45
        ? { kind, test: random() < 0.5 ? 'even' : 'odd' }
        : {
            kind,
            test: pick(random, ['above', 'above', 'below', 'below', 'at least', 'at most'] as const),
            than: thresholdFor(list, random),
          };
    case 'reverse':
      return { kind };
    case 'drop':
      return { kind, end: pick(random, ['first', 'last', 'first', 'last', 'largest', 'smallest'] as const) };
    case 'insert':
      return list.length >= LONGEST
        ? undefined
        : { kind, end: random() < 0.5 ? 'first' : 'last', number: between(random, 1, Math.max(20, high)) };
    case 'add':
      return { kind, by: between(random, 1, pick(random, [10, 49, 49, 99, high > 99 ? 500 : 60])) };
    case 'take': {
      const low = Math.min(...list);
      return low < 2 ? undefined : { kind, by: between(random, 1, Math.min(low, random() < 0.7 ? 49 : 300)) };
    }
    case 'times': {
      const largest = Math.min(10, Math.floor(LARGEST_NUMBER / Math.max(1, high)));
      return largest < 2
        ? undefined
        : { kind, by: between(random, 2, Math.min(largest, random() < 0.7 ? 5 : 10)) };
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

function tell({ list, changes, questions, combination }: ListFacts, typing: Typing, random: Random): string {
  const separator = pick(random, [', ', ', ', ', ', ', ', ' ', ',', '; ']);
  const numbers = list.map((value) =>
    typedNumber(value, { ...typing, commas: false, inWords: random() < 0.5 ? 0 : typing.inWords }),
  );
  const joined =
    separator === ', ' && random() < 0.2 && list.length > 1
      ? `${numbers.slice(0, -1).join(', ')} and ${numbers.at(-1)}`
      : numbers.join(separator);
  const written = random() < 0.1 ? `[${joined}]` : joined;
  const say = (pattern: Pattern, number: number) =>
    sayPattern(
      pattern,
      {
        slot: (name) => {
          if (name === 'title') return openTitle(pick(random, LISTED), random);
          return name === 'l' ? written : typedNumber(number, { ...typing, commas: false });
        },
        tense: 'present',
        plain: () => true,
      },
      random,
    );
  const close = (text: string, stop: string) => sentence(text, stop, typing, random);
  const fitting = (phrases: readonly ChangePhrase[], change: Change) =>
    phrases.filter(
      ({ shape, by, times }) =>
        times === undefined &&
        sameShape(shape, shapeOf(change)) &&
        (by === undefined || (change.kind === 'times' && change.by === by)),
    );
  const [question, other] = questions;
  const askedBy = (one: Question, from = QUESTIONS) =>
    from.filter((phrase) => phrase.combination === undefined && phrase.questions[0] === one);
  const direct = askedBy(question!, DIRECT);
  if (changes.length === 0 && questions.length === 1 && direct.length > 0 && random() < 0.6) {
    const text = say(pick(random, direct).pattern, 0);
    return close(text, stopOf(text));
  }
  const sentences: string[] = [];
  let rest = changes;
  const openers = changes[0] === undefined ? [] : fitting(HEAD_CHANGES, changes[0]);
  const leads = random() < 0.5 ? 0 : random() * 0.7;
  const request = (change: Change) => say(pick(random, fitting(CHANGES, change)).pattern, numberIn(change));
  const way = random();
  if (openers.length > 0 && way < 0.2) {
    sentences.push(say(pick(random, openers).pattern, numberIn(changes[0]!)));
    rest = changes.slice(1);
  } else if (changes[0] !== undefined && way < 0.32) {
    // First what is to be done, then with what.
    sentences.push(`${request(changes[0])}${random() < 0.8 ? ':' : ''} ${written}`);
    rest = changes.slice(1);
  } else {
    sentences.push(say(pick(random, HEADS), 0));
  }
  let filtered: string | undefined;
  for (let index = 0; index < rest.length; index += 1) {
    const change = rest[index]!;
    const next = rest[index + 1];
    if (next === undefined && change.kind === 'keep' && questions.length === 1 && random() < 0.3) {
      const picked = FILTERED.filter(
        (phrase) => phrase.question === question && sameShape(phrase.shape, shapeOf(change)),
      );
      if (picked.length > 0) {
        filtered = say(pick(random, picked).pattern, numberIn(change));
        break;
      }
    }
    let text = request(change);
    if (change.kind === 'drop' && next?.kind === 'drop' && change.end === next.end && random() < 0.8) {
      const twice = CHANGES.filter(
        (phrase) => phrase.times === 2 && sameShape(phrase.shape, shapeOf(change)),
      );
      if (twice.length > 0) {
        text = say(pick(random, twice).pattern, 0);
        index += 1;
      }
    }
    if (sentences.length > 1 && random() < 0.15) {
      sentences.push(
        `${sentences.pop()}${pick(random, [', then ', ' and then ', ' and ', ', and then ', ', and ', ', '])}${text}`,
      );
    } else {
      const lead =
        random() < leads
          ? sayPattern(LEAD, { slot: () => '', tense: 'present', plain: () => true }, random)
          : '';
      sentences.push(lead + text);
    }
  }
  const written_ = sentences.map((text) => close(text, '.'));
  const gap = QUESTIONS.filter((phrase) => phrase.combination !== undefined);
  const asked =
    combination === 'difference'
      ? [pick(random, gap)]
      : [question!, ...(other === undefined ? [] : [other])].map((one) => pick(random, askedBy(one)));
  for (const text of filtered === undefined ? asked.map(({ pattern }) => say(pattern, 0)) : [filtered]) {
    // "Add them up" may be joined to what comes before it.
    if (stopOf(text) === '.' && written_.length > 1 && random() < 0.25) {
      written_.push(
        close(
          `${written_.pop()!.replace(/\.$/, '')}${pick(random, [' and ', ' and then ', ', then '])}${text}`,
          '.',
        ),
      );
      continue;
    }
    written_.push(close(text, stopOf(text)));
  }
  return written_.join(' ');
}

const stopOf = (text: string): string => (/^(what|how|which)/.test(text) ? '?' : '.');

const sameShape = (one: ChangeShape, other: ChangeShape): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

function numberIn(change: Change): number {
  if (change.kind === 'insert') return change.number;
  if (change.kind === 'keep') return 'than' in change ? change.than : 0;
  return 'by' in change ? change.by : 0;
}
