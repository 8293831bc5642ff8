import { openLabel, openNoun, openUnit, openVerb } from './open-words.ts';
import { type Pattern, sayPattern } from './pattern.ts';
import { between, pick, pickSome, type Random } from './random.ts';
import { type Ask, type Group, reduced, solvedTable, type TableFacts } from './table-facts.ts';
import { drawLayout } from './table-layout.ts';
import {
  ASKS,
  COMBINATIONS,
  DID,
  DIFFERENCES,
  DONE,
  LEAD,
  OPEN_LEADS,
  OPEN_TAILS,
  REQUESTS,
  type Scope,
  TAIL,
} from './table-phrases.ts';
import { answersOf, tableSteps } from './table-solution.ts';
import { COUNTS, WHOS } from './table-who-phrases.ts';
import type { Task } from './task.ts';
import { LABELS, MEASURES, singular } from './things.ts';
import { drawTyping, sentence, type Typing, typedNumber } from './typing.ts';
import type { Vocabulary } from './word-cast.ts';
import { WORLD } from './word-cast.ts';
import { PREPOSITIONS } from './word-fringes.ts';

/** What a number in a table may be called. */
export const QUANTITIES: readonly string[] =
  'score price count result temperature height weight age distance amount total cost length number'.split(
    ' ',
  );
/** What its rows may be. */
const KINDS =
  'people names things days teams players children cities items months animals friends towns students shops classes fruits rows ones kids'.split(
    ' ',
  );

const SCALES: readonly (readonly [number, number])[] = [
  [11, 99],
  [11, 99],
  [1, 20],
  [1, 99],
  [0, 40],
  [100, 999],
  [10, 700],
  [100, 3000],
];

export function drawTableQuestion(random: Random, size: number, vocabulary: Vocabulary = WORLD): Task {
  for (;;) {
    const task = tryToDraw(random, size, vocabulary);
    if (task !== undefined) return task;
  }
}

function drawNames(random: Random, size: number, vocabulary: Vocabulary): readonly string[] {
  const groups = LABELS.filter((labels) => labels.length >= size);
  const way = random();
  if (way < 0.3 && groups.length > 0) {
    const labels = pick(random, groups);
    return random() < 0.4 ? labels.slice(0, size) : pickSome(random, labels, size);
  }
  const draw = way < 0.55 ? openLabel : vocabulary.name;
  const small = way < 0.55 && random() < 0.4;
  const names = new Map<string, string>();
  while (names.size < size) {
    const name = draw(random);
    names.set(name.toLowerCase(), small ? name.toLowerCase() : name);
  }
  return [...names.values()];
}

function tryToDraw(random: Random, size: number, vocabulary: Vocabulary): Task | undefined {
  const typing = { ...drawTyping(random), inWords: 0, commas: false };
  const typed = (text: string) => (typing.lower ? text.toLowerCase() : text);
  const names = drawNames(random, size, vocabulary).map(typed);
  const scale = pick(random, SCALES);
  const cells = drawCells(size, scale, random);
  const item = random() < 0.35 ? pick(random, MEASURES) : vocabulary.item(random);
  const layout = drawLayout(item, names, cells, typing, random);
  const asked = new Questioner(names, cells, item, typing, random).draw();
  if (asked === undefined) return undefined;
  const facts: TableFacts = { names, cells, separator: layout.separator, asks: asked.asks };
  const question = asked.texts.join(' ');
  // What is asked may come before the table, too.
  const first = random() < 0.04 && !/\n/.test(layout.text) && /^[^:]*$/.test(layout.text);
  return tableTask(
    facts,
    first ? `${question.replace(/[.?]$/, '')}: ${layout.text.trim()}` : layout.text + question,
  );
}

/** Most often no two are the same. */
function drawCells(size: number, [low, high]: readonly [number, number], random: Random): number[] {
  const cells: number[] = [];
  const same = random() < 0.12 || high - low < 2 * size;
  while (cells.length < size) {
    const value = between(random, low, high);
    if (same || !cells.includes(value)) cells.push(value);
  }
  return cells;
}

/** A problem from what it says. */
export function tableTask(facts: TableFacts, prompt: string): Task | undefined {
  const answer = solvedTable(facts);
  if (answer === undefined) return undefined;
  return {
    key: JSON.stringify({ ...facts, separator: '' }).toLowerCase(),
    prompt,
    answer,
    size: facts.names.length,
    steps: tableSteps(facts),
    answerOf: (known) => answersOf(facts, known).join('; '),
  };
}

interface Asked {
  readonly asks: readonly Ask[];
  readonly texts: readonly string[];
}

interface Said {
  readonly w?: readonly number[];
  readonly v?: readonly number[];
  readonly n?: number;
}

/** Asks something about a table, as somebody might type it. */
class Questioner {
  readonly #names: readonly string[];
  readonly #cells: readonly number[];
  readonly #item: string;
  readonly #typing: Typing;
  readonly #random: Random;
  readonly #order: readonly number[];
  readonly #kind: string;

  constructor(
    names: readonly string[],
    cells: readonly number[],
    item: string,
    typing: Typing,
    random: Random,
  ) {
    this.#names = names;
    this.#cells = cells;
    this.#item = item;
    this.#typing = typing;
    this.#random = random;
    this.#order = pickSome(random, [...names.keys()], names.length);
    this.#kind = pick(random, KINDS);
  }

  draw(): Asked | undefined {
    const random = this.#random;
    const way = random();
    if (way < 0.14) return this.#twice();
    if (way < 0.22) return this.#requests();
    return this.#one(0);
  }

  #one(from: number): Asked | undefined {
    const way = this.#random();
    if (way < 0.38) return this.#group(from);
    if (way < 0.58) return this.#who();
    if (way < 0.74) return this.#test();
    return this.#difference();
  }

  #twice(): Asked | undefined {
    const first = this.#one(0);
    const second = first && this.#one(Math.min(2, this.#names.length - 1));
    if (second === undefined || first!.asks.length + second.asks.length > 2) return undefined;
    const texts = [...first!.texts, ...second.texts];
    if (this.#random() < 0.25 && texts.length === 2) {
      const [one, other] = [texts[0]!.replace(/[.?]$/, ''), texts[1]!];
      return {
        asks: [...first!.asks, ...second.asks],
        texts: [
          `${one}${pick(this.#random, [', and ', ' and '])}${other.charAt(0).toLowerCase()}${other.slice(1)}`,
        ],
      };
    }
    return { asks: [...first!.asks, ...second.asks], texts };
  }

  #drawGroup(from: number): { readonly group: Group; readonly scope: Scope } | undefined {
    const random = this.#random;
    const left = this.#order.slice(from);
    const way = random();
    if (way < 0.4) {
      const reduction = pick(random, ['sum', 'sum', 'largest', 'smallest'] as const);
      return { group: { rows: [...this.#names.keys()], reduction }, scope: 'all' };
    }
    if (left.length === 0) return undefined;
    if (way < 0.7 || left.length < 2)
      return { group: { rows: left.slice(0, 1), reduction: 'sum' }, scope: 'one' };
    const rows = left.slice(0, between(random, 2, Math.min(left.length, random() < 0.85 ? 3 : 6)));
    return {
      group: { rows, reduction: pick(random, ['sum', 'sum', 'sum', 'sum', 'largest', 'smallest'] as const) },
      scope: 'some',
    };
  }

  #group(from: number, phrases: typeof ASKS = ASKS): Asked | undefined {
    const found = this.#drawGroup(from);
    if (found === undefined) return undefined;
    const { group, scope } = found;
    const fitting = phrases.filter((one) => one.reduction === group.reduction && one.scope === scope);
    if (fitting.length === 0) return undefined;
    const text = this.#say(pick(this.#random, fitting).pattern, { w: group.rows });
    return { asks: [{ kind: 'value', ...group }], texts: [text] };
  }

  #requests(): Asked | undefined {
    const one = this.#group(0, REQUESTS);
    const other = one && this.#group(3, REQUESTS);
    if (other === undefined) return undefined;
    const kind = this.#random() < 0.5 ? 'difference' : 'total';
    const last = pick(
      this.#random,
      COMBINATIONS.filter((phrase) => phrase.combination === kind),
    );
    const groups = [one!.asks[0], other.asks[0]] as readonly [Ask & Group, Ask & Group];
    const [a, b] = groups.map(({ rows, reduction }) => ({ rows, reduction }));
    return {
      asks: [{ kind, one: a!, other: b! }],
      texts: [one!.texts[0]!, other.texts[0]!, this.#say(last.pattern, {})],
    };
  }

  #who(): Asked | undefined {
    const random = this.#random;
    const phrase = pick(random, WHOS);
    const all = [...this.#names.keys()];
    if (phrase.two && all.length !== 2) return undefined;
    const rows = phrase.scope === 'all' ? all : this.#order.slice(0, random() < 0.8 ? 2 : 3);
    const who: Ask = { kind: 'who', rows, reduction: phrase.reduction };
    const text = this.#say(phrase.pattern, { w: rows });
    if (phrase.also === undefined) return { asks: [who], texts: [text] };
    const group: Group = { rows, reduction: phrase.reduction };
    const also: Ask =
      phrase.also === 'value'
        ? { kind: 'value', ...group }
        : {
            kind: 'difference',
            one: { rows: [0], reduction: 'sum' },
            other: { rows: [1], reduction: 'sum' },
          };
    return { asks: [who, also], texts: [text] };
  }

  #test(): Asked {
    const random = this.#random;
    const phrase = pick(random, COUNTS);
    const [low, high] = [Math.min(...this.#cells), Math.max(...this.#cells)];
    const middle = Math.round(low + (high - low) * (0.15 + 0.7 * random()));
    const round = high > 500 ? 100 : high > 40 ? 10 : 5;
    const than =
      random() < 0.15
        ? pick(random, this.#cells)
        : random() < 0.6
          ? Math.max(1, Math.round(middle / round) * round)
          : middle;
    const { kind, test } = phrase;
    return { asks: [{ kind, test, than }], texts: [this.#say(phrase.pattern, { n: than })] };
  }

  #difference(): Asked | undefined {
    const random = this.#random;
    const kind = pick(random, ['rows', 'rows', 'rows', 'groups', 'extremes', 'extremes'] as const);
    const phrase = pick(
      random,
      DIFFERENCES.filter((one) => one.between === kind),
    );
    if (kind === 'extremes') {
      const rows = [...this.#names.keys()];
      const ask: Ask = {
        kind: 'difference',
        one: { rows, reduction: 'largest' },
        other: { rows, reduction: 'smallest' },
      };
      return { asks: [ask], texts: [this.#say(phrase.pattern, {})] };
    }
    const sizes = kind === 'rows' ? [1, 1] : [between(random, 2, 3), between(random, 1, 3)];
    if (sizes[0]! + sizes[1]! > this.#order.length) return undefined;
    const one: Group = { rows: this.#order.slice(0, sizes[0]), reduction: 'sum' };
    const other: Group = { rows: this.#order.slice(sizes[0], sizes[0]! + sizes[1]!), reduction: 'sum' };
    const text = this.#say(phrase.pattern, { w: one.rows, v: other.rows });
    const [left, right] = [reduced(one, this.#cells), reduced(other, this.#cells)];
    // "More" is asked where there is more, though the answer would be the same.
    if (/\b(more|beat|lead|higher|longer|older|taller|ahead|above)\b/i.test(text) && left <= right)
      return undefined;
    if (/\b(fewer|less|lower|trail|behind|below|needs)\b/i.test(text) && left >= right) return undefined;
    return { asks: [{ kind: 'difference', one, other }], texts: [text] };
  }

  #say(pattern: Pattern, said: Said): string {
    const random = this.#random;
    const named = (rows: readonly number[] = [], last: string): string => {
      const article = random() < 0.12 ? 'the ' : '';
      const words = rows.map((row) => article + this.#names[row]!);
      if (words.length < 2) return words.join('');
      return `${words.slice(0, -1).join(', ')}${random() < 0.08 && words.length > 2 ? ',' : ''}${last}${words.at(-1)}`;
    };
    const slot = (name: string): string => {
      switch (name) {
        case 'i':
          return this.#item;
        case 'i1':
          return singular(this.#item);
        case 'nn':
          return random() < 0.85 ? this.#kind : pick(random, KINDS);
        case 'n1':
          return singular(random() < 0.85 ? this.#kind : pick(random, KINDS));
        case 'vb':
          return random() < 0.4 ? pick(random, DONE) : random() < 0.6 ? pick(random, DID) : openVerb(random);
        case 'vp':
          return pick(random, DID);
        case 'q':
          return random() < 0.5 ? pick(random, QUANTITIES) : openNoun(random);
        case 'he':
          return pick(random, ['he', 'she', 'they', 'it']);
        case 'n':
          return typedNumber(said.n ?? 0, { ...this.#typing, inWords: random() < 0.06 ? 100 : 0 });
        case 'u':
          return random() < 0.8 ? '' : ` ${random() < 0.5 ? openUnit(random) : this.#item}`;
        case 'ch':
          return named(said.w, ' or ');
        case 'w':
          return named(said.w, random() < 0.95 ? ' and ' : ' & ');
        default:
          return named(said.v, ' and ');
      }
    };
    const text = sayPattern(pattern, { slot, tense: 'present', plain: () => true }, random);
    const around = random();
    const open = (name: string) => (name === 'prep' ? pick(random, PREPOSITIONS) : openNoun(random));
    const idle = { slot: open, tense: 'present', plain: () => true } as const;
    const lead =
      around < 0.06 ? sayPattern(random() < 0.7 ? LEAD : pick(random, OPEN_LEADS), idle, random) : '';
    const tail =
      around > 0.88 ? sayPattern(random() < 0.6 ? TAIL : pick(random, OPEN_TAILS), idle, random) : '';
    const stop = ASKING.test(text) ? '?' : '.';
    return sentence(lead + text + tail, stop, this.#typing, random);
  }
}

/** Requests end in a full stop, questions in a question mark. */
const ASKING = /^(how|what|by|who|which|whose|whats|on|in|at|under|if|is|was|between|of|among|and)\b/i;
