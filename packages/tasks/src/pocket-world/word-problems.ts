import { between, pick, pickSome, type Random } from './random.ts';
import { Teller } from './story-teller.ts';
import type { Task } from './task.ts';
import { MONEY } from './things.ts';
import type { Act } from './word-acts.ts';
import { askedPhrases, drawKinds, drawQuestion, saidOf } from './word-asking.ts';
import { type Cast, type Vocabulary, WORLD } from './word-cast.ts';
import { CHANGES, PASSES, SPLITS } from './word-changes.ts';
import { type Move, moved, product, type Question, type WordFacts } from './word-facts.ts';
import { kindOf, sayable } from './word-fit.ts';
import { TITLES } from './word-fringes.ts';
import { drawChange, drawPacks, type Scale } from './word-numbers.ts';
import { mayRepeat, names, saysAct, saysOther, saysVerb } from './word-patterns.ts';
import {
  type Asked,
  type ComparePhrase,
  type Frame,
  type StartPhrase,
  said as written,
} from './word-phrases.ts';
import { COMPARES, PAIR_QUESTIONS, PRICE_QUESTIONS, SHARES, THREE } from './word-questions.ts';
import { drawSetting, type Topic } from './word-setting.ts';
import { ENTRIES, FORWARD, STARTS } from './word-starts.ts';
import { wordTask } from './word-task.ts';

export function drawWordProblem(random: Random, size: number, vocabulary: Vocabulary = WORLD): Task {
  for (;;) {
    const task = new Story(random, size, vocabulary).draw();
    if (task !== undefined) return task;
  }
}

class Story {
  readonly #random: Random;
  readonly #size: number;
  readonly #scale: Scale;
  readonly #casts: readonly Cast[];
  readonly #frame: Frame;
  readonly #teller: Teller;
  readonly #topic: Topic;
  readonly #act: Act | undefined;
  readonly #moves: Move[] = [];
  #item: string;
  #values: readonly (number | undefined)[];
  #left: number;

  constructor(random: Random, size: number, vocabulary: Vocabulary) {
    this.#random = random;
    this.#size = size;
    this.#left = size;
    const { typing, scale, casts, frame, topic, act, item } = drawSetting(random, size, vocabulary);
    this.#scale = scale;
    this.#casts = casts;
    this.#frame = frame;
    this.#topic = topic;
    this.#act = act;
    this.#item = item;
    this.#values = casts.map(() => undefined);
    this.#teller = new Teller(casts, typing, random);
  }

  draw(): Task | undefined {
    const random = this.#random;
    const several = this.#casts.length > 1;
    if (!several && this.#frame === 'person' && this.#size <= 4 && random() < 0.1) return this.#price();
    const kind = kindOf(this.#item);
    // Nobody owns people, and of miles nobody gives one away.
    if (this.#topic === 'things' && (kind === 'measure' || (kind === 'people') !== (this.#frame === 'place')))
      if (kind === 'measure' || kind === 'people') return undefined;
    const kinds = drawKinds(this.#casts.length, this.#left, this.#topic, random);
    for (const asked of kinds)
      this.#left -= asked === 'now' ? 0 : asked === 'together' ? this.#casts.length - 1 : 1;
    if (this.#left < 0) return undefined;
    if (random() < 0.05) this.#teller.title(pick(random, TITLES));
    const forward =
      several &&
      this.#left > 0 &&
      (this.#topic === 'things' ? random() < 0.12 : this.#topic === 'age' && random() < 0.4);
    if (!(forward ? this.#startForward() : this.#start(0))) return undefined;
    for (let who = forward ? 2 : 1; who < this.#casts.length; who += 1)
      if (!this.#enter(who)) return undefined;
    while (this.#left > 0) if (!this.#happen()) return undefined;
    const questions: Question[] = [];
    for (const asked of kinds) {
      const question = this.#ask(asked, questions);
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

  /** How the first sentence of somebody may be put: the kinds of starts that fit what the story is about. */
  #startKinds(who: number): readonly StartPhrase['kind'][] {
    const random = this.#random;
    if (this.#topic === 'act') return ['act'];
    if (this.#topic === 'age') return ['age'];
    if (this.#frame === 'person' && this.#left > 0 && random() < 0.12) return ['packs'];
    return who === 0 && this.#left > 1 && this.#casts.length === 1 && random() < 0.02 ? ['none'] : ['plain'];
  }

  #start(who: number): boolean {
    const random = this.#random;
    const kinds = this.#startKinds(who);
    const drawn = kinds.includes('packs') ? drawPacks(this.#scale, random) : undefined;
    if (drawn !== undefined) this.#left -= 1;
    const by = kinds.includes('none')
      ? 0
      : drawn === undefined
        ? between(random, ...this.#scale.start)
        : (product(drawn) ?? Number.NaN);
    const phrases = sayable('starts', STARTS, this.#item).filter(
      ({ frame, kind, asks }) => frame === this.#frame && kinds.includes(kind) && asks === undefined,
    );
    if (phrases.length === 0) return false;
    const { pattern } = pick(random, phrases);
    if (this.#casts.length > 1 && !names(pattern)) return false;
    this.#teller.add(
      pattern,
      {
        n: by,
        a: drawn?.[0],
        b: drawn?.[1],
        item: this.#item,
        who,
        first: true,
        act: this.#act?.verb,
      },
      this.#topic !== 'age' && by > 0,
    );
    return this.#make({ kind: 'start', who, by, ...(drawn === undefined ? {} : { packs: drawn }) });
  }

  /** What the first one has is said by what the second one has, who comes behind. */
  #startForward(): boolean {
    const random = this.#random;
    const base = between(random, ...this.#scale.start);
    const phrase = pick(
      random,
      FORWARD.filter(({ only }) => only === (this.#topic === 'age' ? 'age' : undefined)),
    );
    const by = this.#comparedBy(phrase, base);
    const value = phrase.operation === '+' ? base + by : phrase.operation === '-' ? base - by : base * by;
    if (value < 1 || (phrase.operation === '/' && base % by !== 0)) return false;
    this.#left -= 1;
    this.#teller.add(phrase.pattern, { n: by, b: base, item: this.#item, who: 0, other: 1, first: true });
    this.#teller.goesOnWith(1);
    return (
      this.#make({ kind: 'start', who: 1, by: base }) &&
      this.#make({ kind: 'compare', who: 0, of: 1, operation: phrase.operation, by })
    );
  }

  #comparedBy({ operation, by }: ComparePhrase, value: number): number {
    const most = Math.max(
      1,
      Math.min(this.#scale.change[1], operation === '-' ? value - 1 : this.#scale.change[1]),
    );
    return (
      by ??
      between(
        this.#random,
        operation === '*' ? 2 : 1,
        operation === '*' ? (this.#topic === 'age' ? 3 : 5) : most,
      )
    );
  }

  /** Another holder comes in, with a number of its own or in comparison. */
  #enter(who: number): boolean {
    const random = this.#random;
    if (this.#left > 0 && random() < (this.#topic === 'age' ? 0.8 : 0.45)) {
      const of = between(random, 0, who - 1);
      const fitting = written(COMPARES).filter(({ only, pattern }) =>
        this.#topic === 'age'
          ? only === 'age'
          : only === undefined &&
            (this.#topic === 'act' ? saysAct(pattern) || !saysVerb(pattern) : !saysAct(pattern)),
      );
      const phrase = pick(random, sayable(`compares ${this.#topic}`, fitting, this.#item));
      const by = this.#comparedBy(phrase, this.#values[of]!);
      if (!saysOther(phrase.pattern) && of !== who - 1) return false;
      this.#left -= 1;
      this.#teller.add(phrase.pattern, { n: by, item: this.#item, who, other: of, act: this.#act?.verb });
      return this.#make({ kind: 'compare', who, of, operation: phrase.operation, by });
    }
    const by = between(random, ...this.#scale.start);
    const kind = this.#topic === 'act' || this.#topic === 'age' ? this.#topic : 'plain';
    const { pattern } = pick(
      random,
      sayable('entries', ENTRIES, this.#item).filter((phrase) => phrase.kind === kind),
    );
    this.#teller.add(pattern, { n: by, item: this.#item, who, act: this.#act?.verb });
    return this.#make({ kind: 'start', who, by });
  }

  #happen(): boolean {
    const random = this.#random;
    const count = this.#casts.length;
    if (this.#topic === 'age') return false;
    if (count > 1 && this.#topic !== 'act' && random() < 0.3) return this.#pass();
    const who =
      count > 1 && this.#teller.last >= 0 && random() < 0.45
        ? this.#teller.last
        : between(random, 0, count - 1);
    const change = drawChange(who, this.#values[who]!, this.#scale, random);
    if (change === undefined) return false;
    const { operation, by, packs } = change;
    if (this.#topic === 'act' && operation !== '+') return false;
    if (this.#topic === 'money' && (operation === '*' || operation === '/')) return false;
    const before = this.#moves.at(-1);
    const plain = packs === undefined && (operation === '+' || operation === '-');
    const alike =
      before !== undefined &&
      plain &&
      ((before.kind === 'change' && before.operation === operation && before.packs === undefined) ||
        (before.kind === 'start' && before.packs === undefined && operation === '+'));
    const same = alike && before.who === who && this.#teller.last === who;
    // "and Ama another 150", but not behind what she had at first.
    const other = alike && before.kind === 'change' && count > 1 && before.who !== who;
    if ((same || other) && this.#teller.mayRepeat && random() < 0.3) {
      this.#left -= 1;
      this.#teller.repeat({ n: by, item: this.#item, who });
      return this.#make(change);
    }
    const options = sayable('changes', CHANGES, this.#item).filter(
      (phrase) =>
        phrase.frame === this.#frame &&
        phrase.operation === operation &&
        (phrase.packs === true) === (packs !== undefined) &&
        (phrase.by === undefined || (phrase.by === by && random() < 0.7)) &&
        phrase.only === (this.#topic === 'things' ? undefined : this.#topic),
    );
    if (options.length === 0) return false;
    this.#left -= 1;
    const { pattern } = pick(random, options);
    if (count > 1 && who !== this.#teller.last && !names(pattern)) return false;
    const said = this.#teller.add(
      pattern,
      { n: by, a: packs?.[0], b: packs?.[1], item: this.#item, who, act: this.#act?.verb },
      plain && mayRepeat(pattern),
    );
    return this.#make(
      said.other === undefined || packs !== undefined ? change : { ...change, other: said.other },
    );
  }

  #pass(): boolean {
    const random = this.#random;
    const [from, to] = pickSome(random, [...this.#casts.keys()], 2) as [number, number];
    const most = Math.min(this.#values[from]! - 1, this.#scale.change[1]);
    if (most < 1) return false;
    const by = between(random, 1, most);
    const { pattern } = pick(random, written(PASSES));
    const opensWithOther = pattern[0]?.kind === 'slot' && pattern[0].name === 'o2';
    this.#left -= 1;
    this.#teller.add(pattern, { n: by, item: this.#item, who: from, other: to });
    return opensWithOther && this.#left > 0 && random() < 0.5
      ? false
      : this.#make({ kind: 'pass', from, to, by });
  }

  #ask(asked: Asked, before: readonly Question[]): Question | undefined {
    const random = this.#random;
    const count = this.#casts.length;
    const used = before.flatMap((question) => ('who' in question ? [question.who] : []));
    const question = drawQuestion(asked, used, this.#values, this.#scale, random);
    if (question === undefined) return undefined;
    const { who, other, n } = saidOf(question);
    const said = { n, item: this.#item, who, act: this.#act?.verb };
    const topic =
      this.#topic === 'act' ||
      this.#topic === 'age' ||
      (this.#topic === 'money' && asked === 'now' && random() < 0.5)
        ? this.#topic
        : undefined;
    if (asked === 'together' || asked === 'ahead') {
      const fitting = written(PAIR_QUESTIONS).filter(
        (phrase) => phrase.asked === asked && phrase.only === topic,
      );
      const three = asked === 'together' && count > 2;
      if (three && topic !== undefined) return undefined;
      this.#teller.ask(three ? THREE : pick(random, fitting).pattern, {
        ...said,
        ...(other === undefined ? {} : { other }),
      });
      return question;
    }
    const splits = written(SPLITS).filter(({ frame }) => frame === this.#frame);
    if (asked === 'each' && count === 1 && topic === undefined && random() < 0.6) {
      this.#teller.add(pick(random, splits).pattern, said);
      this.#teller.ask(pick(random, SHARES), said);
      return question;
    }
    const fitting = askedPhrases(this.#frame, asked, topic).filter(
      ({ pattern }) => count === 1 || names(pattern),
    );
    if (fitting.length === 0) return undefined;
    this.#teller.ask(pick(random, fitting).pattern, said);
    return question;
  }

  /** What so many things cost. */
  #price(): Task | undefined {
    const random = this.#random;
    const asks = this.#size === 1 && random() < 0.35;
    const packs = drawPacks(this.#scale, random);
    const kind = asks && random() < 0.5 ? 'packs' : 'price';
    const money = kind === 'price' || kindOf(this.#item) === 'measure';
    if (money) this.#item = pick(random, ['dollars', 'dollars', 'euros', ...MONEY]);
    const by = product(packs);
    if (by === undefined) return undefined;
    const phrases = written(STARTS).filter(
      (phrase) => phrase.kind === (money ? 'price' : kind) && (phrase.asks === true) === asks,
    );
    const { pattern } = pick(random, phrases);
    const said = { n: by, a: packs[0], b: packs[1], item: this.#item, who: 0, first: true };
    if (asks) this.#teller.ask(pattern, said);
    else this.#teller.add(pattern, said);
    if (!this.#make({ kind: 'start', who: 0, by, packs })) return undefined;
    if (asks) return this.#finish([{ kind: 'now', who: 0 }]);
    this.#left -= 1;
    const change = this.#left > 0 && random() < 0.4;
    if (change) this.#left -= 1;
    while (this.#left > 0) if (!this.#alsoBought()) return undefined;
    const asked = change ? 'missing' : 'now';
    const total = this.#values[0]!;
    const question: Question =
      asked === 'now'
        ? { kind: 'now', who: 0 }
        : { kind: 'missing', who: 0, goal: total + between(random, 1, this.#scale.change[1]) };
    const fitting = written(PRICE_QUESTIONS).filter((phrase) => phrase.asked === asked);
    this.#teller.ask(pick(random, fitting).pattern, {
      n: 'goal' in question ? question.goal : 0,
      item: this.#item,
      who: 0,
    });
    return this.#finish([question]);
  }

  /** Something else is bought, or a little need not be paid. */
  #alsoBought(): boolean {
    const random = this.#random;
    const change = drawChange(0, this.#values[0]!, this.#scale, random);
    if (change === undefined || change.operation === '*' || change.operation === '/') return false;
    const { operation, by, packs } = change;
    const options = written(CHANGES).filter(
      (phrase) =>
        phrase.only === 'price' &&
        phrase.operation === operation &&
        (phrase.packs === true) === (packs !== undefined),
    );
    if (options.length === 0) return false;
    this.#left -= 1;
    this.#teller.add(pick(random, options).pattern, {
      n: by,
      a: packs?.[0],
      b: packs?.[1],
      item: this.#item,
      who: 0,
    });
    return this.#make(change);
  }
}
