import type { Pattern } from './pattern.ts';
import { between, pick, pickSome, type Random } from './random.ts';
import { Teller } from './story-teller.ts';
import type { Task } from './task.ts';
import { MONEY } from './things.ts';
import { drawTyping } from './typing.ts';
import { type Cast, drawCast, type Vocabulary, WORLD } from './word-cast.ts';
import {
  type Change,
  type Move,
  moved,
  movesOf,
  type Packs,
  product,
  type Question,
  result,
  solved,
  type WordFacts,
} from './word-facts.ts';
import { type Asked, CHANGES, ENTRIES, type Frame, PASSES, STARTS } from './word-phrases.ts';
import { COMPARES, PAIR_QUESTIONS, PRICE_QUESTIONS, QUESTIONS, THREE } from './word-questions.ts';
import { answersOf, wordSteps } from './word-solution.ts';

/** How large the numbers of a story are. */
interface Scale {
  readonly start: readonly [number, number];
  readonly change: readonly [number, number];
  readonly largest: number;
}

const SCALES: readonly Scale[] = [
  { start: [2, 30], change: [1, 20], largest: 150 },
  { start: [11, 99], change: [1, 99], largest: 600 },
  { start: [11, 99], change: [2, 99], largest: 999 },
  { start: [100, 999], change: [3, 600], largest: 5000 },
  { start: [100, 5000], change: [10, 3000], largest: 9999 },
];

const ZERO_ALLOWED = 0.02;

export function drawWordProblem(random: Random, size: number, vocabulary: Vocabulary = WORLD): Task {
  for (;;) {
    const task = new Story(random, size, vocabulary).draw();
    if (task !== undefined) return task;
  }
}

/** Whether every way to say it names whom it is about. */
function names(pattern: Pattern): boolean {
  return pattern.some(
    (part) =>
      (part.kind === 'slot' && /^(o|O|io)$/.test(part.name)) ||
      (part.kind === 'one-of' && part.options.every(names)),
  );
}

class Story {
  readonly #random: Random;
  readonly #size: number;
  readonly #scale: Scale;
  readonly #casts: readonly Cast[];
  readonly #frame: Frame;
  readonly #teller: Teller;
  readonly #moves: Move[] = [];
  #item: string;
  #values: readonly (number | undefined)[];
  #left: number;

  constructor(random: Random, size: number, vocabulary: Vocabulary) {
    this.#random = random;
    this.#size = size;
    this.#left = size;
    this.#scale = pick(random, SCALES);
    const typing = drawTyping(random);
    const way = random();
    const count = size < 2 || way < 0.7 ? 1 : way < 0.92 || size < 3 ? 2 : 3;
    this.#frame = count === 1 && random() < 0.17 ? 'place' : 'person';
    const casts: Cast[] = [];
    while (casts.length < count) {
      const cast = drawCast(this.#frame, typing, vocabulary, random);
      if (casts.every(({ owner }) => owner !== cast.owner) && (count === 1 || cast.owner !== undefined))
        casts.push(cast);
    }
    this.#casts = casts;
    this.#item = casts[0]!.item;
    this.#values = casts.map(() => undefined);
    this.#teller = new Teller(casts, typing, random);
  }

  draw(): Task | undefined {
    const random = this.#random;
    const several = this.#casts.length > 1;
    if (!several && this.#frame === 'person' && this.#size <= 2 && random() < 0.1) return this.#price();
    const kinds = this.#drawKinds();
    if (this.#left < 0 || !this.#start(0)) return undefined;
    for (let who = 1; who < this.#casts.length; who += 1) if (!this.#enter(who)) return undefined;
    while (this.#left > 0) if (!this.#happen()) return undefined;
    const questions: Question[] = [];
    for (const kind of kinds) {
      const question = this.#ask(kind, questions);
      if (question === undefined) return undefined;
      questions.push(question);
    }
    return this.#finish(questions);
  }

  #finish(questions: readonly Question[]): Task | undefined {
    const facts: WordFacts = {
      holders: this.#casts.map(({ owner }) => ({
        frame: this.#frame,
        ...(owner === undefined ? {} : { name: owner }),
      })),
      item: this.#item,
      moves: this.#moves,
      questions,
    };
    const task = wordTask(facts, this.#teller.prompt());
    return task?.size === this.#size ? task : undefined;
  }

  /** What will be asked, and the moves that takes. */
  #drawKinds(): readonly Asked[] {
    const random = this.#random;
    const count = this.#casts.length;
    const way = random();
    const kinds: readonly Asked[] =
      count === 1
        ? way < 0.72 || this.#left === 0
          ? ['now']
          : way < 0.8
            ? ['missing']
            : way < 0.93
              ? ['each']
              : ['now', pick(random, ['missing', 'each'] as const)]
        : way < 0.3
          ? ['now']
          : way < 0.55
            ? ['together']
            : way < 0.8
              ? ['ahead']
              : way < 0.88
                ? ['now', 'now']
                : way < 0.94
                  ? ['now', 'together']
                  : ['ahead', 'together'];
    for (const kind of kinds) this.#left -= kind === 'now' ? 0 : kind === 'together' ? count - 1 : 1;
    return kinds;
  }

  #make(move: Move): boolean {
    const values = moved(move, this.#values);
    if (
      values === undefined ||
      values.some((value) => value !== undefined && value > this.#scale.largest * 2)
    )
      return false;
    this.#values = values;
    this.#moves.push(move);
    return true;
  }

  #start(who: number): boolean {
    const random = this.#random;
    const packs =
      this.#frame === 'person' && this.#left > 0 && random() < 0.12
        ? drawPacks(this.#scale, random)
        : undefined;
    if (packs !== undefined) this.#left -= 1;
    const by = packs === undefined ? between(random, ...this.#scale.start) : (product(packs) ?? Number.NaN);
    const phrases = STARTS.filter(
      ({ frame, kind }) => frame === this.#frame && kind === (packs === undefined ? 'plain' : 'packs'),
    );
    const { pattern } = pick(random, phrases);
    if (this.#casts.length > 1 && !names(pattern)) return false;
    this.#teller.add(
      pattern,
      { n: by, a: packs?.[0], b: packs?.[1], item: this.#item, who, first: true },
      true,
    );
    return this.#make({ kind: 'start', who, by, ...(packs === undefined ? {} : { packs }) });
  }

  /** Another holder comes in, with a number of its own or in comparison. */
  #enter(who: number): boolean {
    const random = this.#random;
    if (this.#left > 0 && random() < 0.45) {
      const of = between(random, 0, who - 1);
      const { pattern, operation, by: fixed } = pick(random, COMPARES);
      const value = this.#values[of]!;
      const most = Math.max(
        1,
        Math.min(this.#scale.change[1], operation === '-' ? value - 1 : this.#scale.change[1]),
      );
      const by = fixed ?? between(random, operation === '*' ? 2 : 1, operation === '*' ? 5 : most);
      if (
        !JSON.stringify(pattern).includes('"o2"') &&
        !JSON.stringify(pattern).includes('"O2"') &&
        of !== who - 1
      )
        return false;
      this.#left -= 1;
      this.#teller.add(pattern, { n: by, item: this.#item, who, other: of });
      return this.#make({ kind: 'compare', who, of, operation, by });
    }
    const by = between(random, ...this.#scale.start);
    const { pattern } = pick(
      random,
      ENTRIES.filter(({ kind }) => kind === 'plain'),
    );
    this.#teller.add(pattern, { n: by, item: this.#item, who });
    return this.#make({ kind: 'start', who, by });
  }

  #happen(): boolean {
    const random = this.#random;
    const count = this.#casts.length;
    if (count > 1 && random() < 0.3) {
      const [from, to] = pickSome(random, [...this.#casts.keys()], 2) as [number, number];
      const most = Math.min(this.#values[from]! - 1, this.#scale.change[1]);
      if (most < 1) return false;
      const by = between(random, 1, most);
      const { pattern } = pick(random, PASSES);
      const opensWithOther = pattern[0]?.kind === 'slot' && pattern[0].name === 'o2';
      this.#left -= 1;
      this.#teller.add(pattern, { n: by, item: this.#item, who: from, other: to });
      return opensWithOther && this.#left > 0 && random() < 0.5
        ? false
        : this.#make({ kind: 'pass', from, to, by });
    }
    const who =
      count > 1 && this.#teller.last >= 0 && random() < 0.45
        ? this.#teller.last
        : between(random, 0, count - 1);
    const change = drawChange(who, this.#values[who]!, this.#scale, random);
    if (change === undefined) return false;
    const { operation, by, packs } = change;
    const before = this.#moves.at(-1);
    this.#left -= 1;
    const plain = packs === undefined && (operation === '+' || operation === '-');
    const same =
      before !== undefined &&
      plain &&
      ((before.kind === 'change' &&
        before.who === who &&
        before.operation === operation &&
        before.packs === undefined) ||
        (before.kind === 'start' && before.who === who && before.packs === undefined && operation === '+'));
    if (same && this.#teller.mayRepeat && this.#teller.last === who && random() < 0.3) {
      this.#teller.repeat({ n: by, item: this.#item, who });
      return this.#make(change);
    }
    const options = CHANGES.filter(
      (phrase) =>
        phrase.frame === this.#frame &&
        phrase.operation === operation &&
        (phrase.packs === true) === (packs !== undefined) &&
        (phrase.by === undefined || (phrase.by === by && random() < 0.7)),
    );
    if (options.length === 0) return false;
    const { pattern } = pick(random, options);
    if (count > 1 && who !== this.#teller.last && !names(pattern)) return false;
    const said = this.#teller.add(
      pattern,
      { n: by, a: packs?.[0], b: packs?.[1], item: this.#item, who },
      plain && /"[on]"/.test(JSON.stringify(pattern)),
    );
    return this.#make(
      said.other === undefined || packs !== undefined ? change : { ...change, other: said.other },
    );
  }

  #ask(asked: Asked, before: readonly Question[]): Question | undefined {
    const random = this.#random;
    const count = this.#casts.length;
    const used = before.flatMap((question) => ('who' in question ? [question.who] : []));
    const question = this.#drawQuestion(asked, used);
    if (question === undefined) return undefined;
    const { who, other, n } = saidOf(question);
    if (asked === 'together' || asked === 'ahead') {
      const fitting = PAIR_QUESTIONS.filter((phrase) => phrase.asked === asked);
      const { pattern } = pick(random, fitting);
      const three = asked === 'together' && count > 2;
      this.#teller.ask(three ? THREE : pattern, {
        n: 0,
        item: this.#item,
        who,
        ...(other === undefined ? {} : { other }),
      });
      return question;
    }
    const fitting = QUESTIONS.filter(
      (phrase) =>
        phrase.frame === this.#frame && phrase.asked === asked && (count === 1 || names(phrase.pattern)),
    );
    if (fitting.length === 0) return undefined;
    this.#teller.ask(pick(random, fitting).pattern, { n, item: this.#item, who });
    return question;
  }

  #drawQuestion(asked: Asked, used: readonly number[]): Question | undefined {
    const random = this.#random;
    const all = [...this.#casts.keys()];
    const free = all.filter((who) => !used.includes(who));
    const who = pick(random, free.length === 0 || asked !== 'now' ? all : free);
    const value = this.#values[who];
    if (value === undefined) return undefined;
    switch (asked) {
      case 'now':
        return { kind: 'now', who };
      case 'together':
        return { kind: 'together', whos: all };
      case 'ahead': {
        const than = pick(
          random,
          all.filter((other) => other !== who),
        );
        return this.#values[than]! <= value
          ? { kind: 'ahead', who, than }
          : { kind: 'ahead', who: than, than: who };
      }
      case 'missing': {
        const goal =
          random() < 0.4
            ? Math.ceil((value + 1) / 10) * 10 + 10 * between(random, 0, 5)
            : value + between(random, 1, this.#scale.change[1]);
        return { kind: 'missing', who, goal };
      }
      default: {
        const divisors = [2, 3, 4, 5, 6, 7, 8, 9, 10, 12].filter(
          (divisor) => value % divisor === 0 && value > divisor,
        );
        return divisors.length === 0 ? undefined : { kind: 'each', who, parts: pick(random, divisors) };
      }
    }
  }

  /** What so many things cost. */
  #price(): Task | undefined {
    const random = this.#random;
    const packs = drawPacks(this.#scale, random);
    this.#item = pick(random, MONEY);
    const by = product(packs);
    if (by === undefined) return undefined;
    const phrases = STARTS.filter(({ kind }) => kind === 'price');
    this.#teller.add(pick(random, phrases).pattern, {
      n: by,
      a: packs[0],
      b: packs[1],
      item: this.#item,
      who: 0,
      first: true,
    });
    if (!this.#make({ kind: 'start', who: 0, by, packs })) return undefined;
    const asked = this.#size > 1 ? 'missing' : 'now';
    const question: Question =
      asked === 'now'
        ? { kind: 'now', who: 0 }
        : { kind: 'missing', who: 0, goal: by + between(random, 1, this.#scale.change[1]) };
    const fitting = PRICE_QUESTIONS.filter((phrase) => phrase.asked === asked);
    this.#teller.ask(pick(random, fitting).pattern, {
      n: 'goal' in question ? question.goal : 0,
      item: this.#item,
      who: 0,
    });
    return this.#finish([question]);
  }
}

function saidOf(question: Question): { readonly who: number; readonly other?: number; readonly n: number } {
  switch (question.kind) {
    case 'together':
      return { who: question.whos[0] ?? 0, other: question.whos[1] ?? 1, n: 0 };
    case 'ahead':
      return { who: question.who, other: question.than, n: 0 };
    case 'missing':
      return { who: question.who, n: question.goal };
    case 'each':
      return { who: question.who, n: question.parts };
    case 'now':
      return { who: question.who, n: 0 };
  }
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
    answerOf: (known) => answersOf(facts, known).join('; '),
  };
}

function drawPacks(scale: Scale, random: Random): Packs {
  const few = between(random, 2, random() < 0.9 ? 9 : 12);
  const many = between(
    random,
    2,
    Math.max(3, Math.min(scale.start[1], Math.floor(scale.largest / few / 2), few > 9 ? 99 : 999)),
  );
  return random() < 0.75 || many > 12 ? [few, many] : [many, few];
}

function drawChange(who: number, value: number, scale: Scale, random: Random): Change | undefined {
  const made = (operation: Change['operation'], by: number, packs?: Packs): Change | undefined =>
    result(operation, value, by) === undefined
      ? undefined
      : { kind: 'change', who, operation, by, ...(packs === undefined ? {} : { packs }) };
  const divisors = [2, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12].filter(
    (divisor) => value % divisor === 0 && value > divisor,
  );
  const kinds: string[] = ['+', '+', '+', '+', '-', '-', '-', '-', 'packs'];
  if (value > 1 && value * 2 <= scale.largest) kinds.push('*');
  if (divisors.length > 0 && value > 8) kinds.push('/');
  switch (pick(random, kinds)) {
    case '*': {
      const most = Math.min(value > 99 ? 9 : 12, Math.floor(scale.largest / value));
      return made('*', between(random, 2, Math.max(2, random() < 0.7 ? Math.min(5, most) : most)));
    }
    case '/':
      return made('/', pick(random, divisors));
    case 'packs': {
      const packs: Packs = [
        between(random, 2, 9),
        between(random, 2, Math.max(2, Math.min(60, Math.floor(scale.change[1] / 3)))),
      ];
      const by = product(packs)!;
      if (value >= by && random() < 0.5) return made('-', by, packs);
      return value + by <= scale.largest ? made('+', by, packs) : undefined;
    }
    case '-': {
      const most = Math.min(scale.change[1], random() < ZERO_ALLOWED ? value : value - 1);
      if (most >= scale.change[0]) return made('-', between(random, scale.change[0], most));
      break;
    }
  }
  const most = Math.min(scale.change[1], scale.largest - value);
  return most < 1 ? undefined : made('+', between(random, Math.min(scale.change[0], most), most));
}
