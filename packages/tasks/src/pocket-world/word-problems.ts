import { between, pick, type Random } from './random.ts';
import { Teller } from './story-teller.ts';
import type { Task } from './task.ts';
import { MONEY } from './things.ts';
import { drawTyping } from './typing.ts';
import { drawCast, type Vocabulary, WORLD } from './word-cast.ts';
import { type Change, movesOf, product, result, solved, type WordFacts } from './word-facts.ts';
import { type Asked, CHANGES, type Frame, STARTS } from './word-phrases.ts';
import { COMPARE_QUESTIONS, COMPARES, PRICE_QUESTIONS, QUESTIONS } from './word-questions.ts';
import { wordSteps } from './word-solution.ts';

/** How large the numbers of a story are. */
interface Scale {
  readonly start: readonly [number, number];
  readonly change: readonly [number, number];
  readonly largest: number;
}

const SCALES: readonly Scale[] = [
  { start: [2, 30], change: [1, 20], largest: 150 },
  { start: [11, 99], change: [2, 99], largest: 600 },
  { start: [11, 99], change: [2, 99], largest: 999 },
  { start: [100, 999], change: [10, 600], largest: 5000 },
  { start: [100, 5000], change: [10, 3000], largest: 9999 },
];

const ZERO_ALLOWED = 0.02;

export function drawWordProblem(random: Random, size: number, vocabulary: Vocabulary = WORLD): Task {
  for (;;) {
    const task = tryToDraw(random, size, vocabulary);
    if (task !== undefined) return task;
  }
}

const FINALS: readonly Asked[] = ['missing', 'each', 'together', 'ahead', 'behind'];

function tryToDraw(random: Random, size: number, vocabulary: Vocabulary): Task | undefined {
  const scale = pick(random, SCALES);
  const typing = drawTyping(random);
  const frame: Frame = random() < 0.15 ? 'place' : 'person';
  const cast = drawCast(frame, typing, vocabulary, random);
  const teller = new Teller(cast, typing, random);
  let left = size;

  const price = frame === 'person' && size <= 2 && random() < 0.12;
  const packed = price || (frame === 'person' && left > 0 && random() < 0.12);
  const kind = price ? 'price' : packed ? 'packs' : 'plain';
  const startPacks = packed ? drawPacks(scale, random) : undefined;
  if (packed) left -= 1;
  const start = startPacks === undefined ? between(random, ...scale.start) : product(startPacks);
  if (start === undefined) return undefined;

  let asked: Asked = 'now';
  let compare: WordFacts['compare'];
  if (price) {
    asked = left > 0 ? 'missing' : 'now';
    left = 0;
  } else if (frame === 'person' && left > 0 && cast.owner !== undefined && random() < 0.12) {
    const both = left > 1 && random() < 0.5;
    const chosen = pick(random, COMPARES);
    compare = { other: cast.other(random), operation: chosen.operation, by: chosen.by ?? 0, both };
    left -= both ? 2 : 1;
  } else if (left > 0 && random() < 0.2) {
    asked = pick(random, FINALS);
    if (!QUESTIONS.some((question) => question.frame === frame && question.asked === asked))
      asked = 'missing';
    left -= 1;
  }

  const item = price ? pick(random, MONEY) : cast.item;
  const first = pick(
    random,
    STARTS.filter((phrase) => phrase.frame === frame && phrase.kind === kind),
  );
  teller.add(first.pattern, { n: start, a: startPacks?.[0], b: startPacks?.[1], item, first: true });

  let value = start;
  const changes: Change[] = [];
  for (; left > 0; left -= 1) {
    const change = drawChange(value, scale, random);
    if (change === undefined) return undefined;
    const options = CHANGES.filter(
      (phrase) =>
        phrase.frame === frame &&
        phrase.operation === change.operation &&
        (phrase.packs === true) === (change.packs !== undefined) &&
        (phrase.by === undefined || (phrase.by === change.by && random() < 0.7)),
    );
    if (options.length === 0) return undefined;
    const phrase = pick(random, options);
    const said = teller.add(phrase.pattern, {
      n: change.by,
      a: change.packs?.[0],
      b: change.packs?.[1],
      item,
    });
    changes.push(
      said.other === undefined || change.packs !== undefined ? change : { ...change, other: said.other },
    );
    value = result(change.operation, value, change.by)!;
  }

  let facts: WordFacts = {
    frame,
    ...(cast.owner === undefined ? {} : { owner: cast.owner }),
    item,
    start,
    ...(startPacks === undefined ? {} : { startPacks }),
    changes,
    asked: 'now',
  };
  if (compare !== undefined) {
    const most = Math.max(1, Math.min(scale.change[1], value - 1));
    const by = compare.by > 0 ? compare.by : between(random, 1, compare.operation === '*' ? 5 : most);
    compare = { ...compare, by };
    const phrase = pick(
      random,
      COMPARES.filter(
        (one) => one.operation === compare!.operation && (one.by === undefined || one.by === by),
      ),
    );
    teller.add(phrase.pattern, { n: by, item, other: compare.other });
    const question = pick(
      random,
      COMPARE_QUESTIONS.filter(({ both }) => both === compare!.both),
    );
    teller.ask(question.pattern, { n: by, item, other: compare.other });
    facts = { ...facts, compare };
  } else {
    const against = asked === 'now' ? undefined : drawAgainst(asked, value, scale, random);
    if (asked !== 'now' && against === undefined) return undefined;
    // Two questions: the second goes on from what the first asks for.
    const twice = !price && asked !== 'now' && random() < 0.3;
    const questions = (kind: Asked) =>
      price
        ? PRICE_QUESTIONS.filter((question) => question.asked === kind)
        : QUESTIONS.filter((question) => question.frame === frame && question.asked === kind);
    if (twice) teller.ask(pick(random, questions('now')).pattern, { n: 0, item });
    teller.ask(pick(random, questions(asked)).pattern, { n: against ?? 0, item });
    facts = { ...facts, asked, ...(against === undefined ? {} : { against }) };
  }
  return wordTask(facts, teller.prompt());
}

/** A problem from what it says. */
export function wordTask(facts: WordFacts, prompt: string): Task | undefined {
  const answer = solved(facts);
  if (answer === undefined) return undefined;
  return {
    key: JSON.stringify(facts).toLowerCase(),
    prompt,
    answer,
    size: movesOf(facts),
    steps: wordSteps(facts),
  };
}

function drawPacks(scale: Scale, random: Random): readonly [number, number] {
  const few = between(random, 2, random() < 0.9 ? 9 : 12);
  const many = between(
    random,
    2,
    Math.max(3, Math.min(scale.start[1], Math.floor(scale.largest / few / 2), few > 9 ? 99 : 999)),
  );
  return random() < 0.75 || many > 12 ? [few, many] : [many, few];
}

function drawChange(value: number, scale: Scale, random: Random): Change | undefined {
  const divisors = [2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12].filter(
    (divisor) => value % divisor === 0 && value > divisor,
  );
  const kinds: string[] = ['+', '+', '+', '-', '-', '-', 'packs'];
  if (value > 1 && value * 2 <= scale.largest) kinds.push('*');
  if (divisors.length > 0 && value > 8) kinds.push('/');
  switch (pick(random, kinds)) {
    case '*': {
      const most = Math.min(value > 99 ? 9 : 12, Math.floor(scale.largest / value));
      return {
        operation: '*',
        by: between(random, 2, Math.max(2, random() < 0.7 ? Math.min(5, most) : most)),
      };
    }
    case '/':
      return { operation: '/', by: pick(random, divisors) };
    case 'packs': {
      const packs: readonly [number, number] = [
        between(random, 2, 9),
        between(random, 2, Math.max(2, Math.min(60, Math.floor(scale.change[1] / 3)))),
      ];
      const by = product(packs)!;
      if (value >= by && random() < 0.5) return { operation: '-', by, packs };
      return value + by <= scale.largest ? { operation: '+', by, packs } : undefined;
    }
    case '-': {
      const most = Math.min(scale.change[1], random() < ZERO_ALLOWED ? value : value - 1);
      if (most >= scale.change[0]) return { operation: '-', by: between(random, scale.change[0], most) };
      break;
    }
  }
  const most = Math.min(scale.change[1], scale.largest - value);
  return most < 1
    ? undefined
    : { operation: '+', by: between(random, Math.min(scale.change[0], most), most) };
}

function drawAgainst(asked: Asked, value: number, scale: Scale, random: Random): number | undefined {
  if (asked === 'each') {
    const divisors = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12].filter(
      (divisor) => value % divisor === 0 && value > divisor,
    );
    return divisors.length === 0 ? undefined : pick(random, divisors);
  }
  if (asked === 'missing' || asked === 'behind') {
    const goal =
      random() < 0.4
        ? Math.ceil((value + 1) / 10) * 10 + 10 * between(random, 0, 5)
        : value + between(random, 1, scale.change[1]);
    return goal <= 9999 ? goal : undefined;
  }
  if (asked === 'ahead')
    return value < 3 ? undefined : between(random, 1, Math.min(value - 1, scale.start[1]));
  return Math.min(between(random, scale.change[0], scale.start[1]), Math.max(1, 9999 - value));
}
