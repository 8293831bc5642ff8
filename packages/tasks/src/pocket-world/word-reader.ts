import {
  asTyped,
  clauseStarts,
  endsWord,
  type Found,
  placeOf,
  type Read,
  readings,
  signed,
  type Typed,
} from './clauses.ts';
import { compilePattern, fitting, type Matcher, matchPattern, type Pattern, wordsIn } from './pattern.ts';
import type { Task } from './task.ts';
import { MONEY, plural, singular } from './things.ts';
import { readNumber } from './typing.ts';
import { saysVerb, verbForms } from './verbs.ts';
import { known, short as shortOf } from './word-cast.ts';
import {
  type Candidates,
  type Clause,
  COUNTED,
  candidatesFor,
  firstSentences,
  HOLDERS,
  SHARED,
  type Start,
} from './word-clauses.ts';
import { type Change, type Holder, type Move, moved, product, type Question } from './word-facts.ts';
import { LEAD, OPEN_LEADS, OPEN_TAILS, SAID_LEADS, SAID_TAILS, TAIL, TITLES } from './word-fringes.ts';
import type { Frame } from './word-phrases.ts';
import { wordTask } from './word-task.ts';
import { COMES, GAINS, GIVES, GOES, LOSSES, TAKES } from './word-verbs.ts';

const fringe = (patterns: readonly Pattern[], words: ReadonlySet<string>): readonly Matcher[] =>
  patterns.flatMap((pattern) => {
    const left = fitting(pattern, words);
    return left === undefined ? [] : [compilePattern(left, (slot) => SHARED[slot]!)];
  });

/** What the words of one prompt can say. */
class Sayings {
  readonly words: ReadonlySet<string>;
  readonly #leads: readonly Matcher[];
  readonly #tails: readonly Matcher[];
  readonly #candidates = new Map<string, Candidates>();

  constructor(text: string) {
    this.words = wordsIn(text);
    this.#leads = fringe([LEAD, SAID_LEADS, ...OPEN_LEADS], this.words);
    this.#tails = fringe([TAIL, SAID_TAILS, ...OPEN_TAILS], this.words);
  }

  /** Where a clause may begin: with what leads to it skipped or not. */
  starting(text: string, at: number): readonly number[] {
    return past(this.#leads, text, at, false);
  }

  /** Where a clause may end: with up to two phrases that follow it or without. */
  ending(text: string, at: number): readonly number[] {
    const once = past(this.#tails, text, at, true);
    if (once.length === 1) return once;
    return [...new Set(once.flatMap((end) => past(this.#tails, text, end, true)))].sort((a, b) => b - a);
  }

  candidates({ frame, price, act, age, item }: Known): Candidates {
    const topic = { frame, price, act: act !== undefined, age, money: MONEY.includes(shortOf(item)) };
    const key = JSON.stringify(topic);
    const found = this.#candidates.get(key) ?? candidatesFor(topic, this.words);
    this.#candidates.set(key, found);
    return found;
  }
}

/** No name is one of these: "found 6" is no new person with six. */
const VERB_FORMS = verbForms([GAINS, LOSSES, TAKES, GIVES, GOES, COMES].flatMap((verbs) => verbs.split('|')));
/** Who begins with such a verb tells what was done, and not what there is. */
const LOSS_VERBS = [...new Set([...LOSSES.split('|'), 'give', 'owe'])];
const isLoss = (act: string): boolean =>
  LOSS_VERBS.some((verb) => act.split(' ').length === verb.split(' ').length && saysVerb(verb, new Set(act.split(' '))));
/** What these say is neither had nor done so many times. */
const NO_ACT =
  /^(?:needs?|needed|wants?|wanted|lacks?|lacked|ow(?:e|es|ed)|requires?|required|miss(?:es|ed)?|costs?|weighs?|weighed|measures?|measured|wish(?:es|ed)?|hopes?|hoped|plans?|planned|is|are|was|were|has|have|had)$/;

/** What is known of a story so far. */
interface Known {
  readonly frame: Frame;
  readonly price: boolean;
  readonly item: string;
  readonly holders: readonly Holder[];
  readonly moves: readonly Move[];
  readonly values: readonly (number | undefined)[];
  /** Whom a sentence without a name is about. */
  readonly last: number;
  /** What a bare number would do again. */
  readonly again?: '+' | '-';
  readonly questions: readonly Question[];
  /** What is done so many times, as it was said: "sold", "picked up". */
  readonly act?: string;
  /** Something else was done, too, so that "how many did she sell" is not what is known. */
  readonly mixed?: true;
  readonly age: boolean;
  /** Into so many shares all has been made; how many one has will be asked. */
  readonly parts?: number;
}

type Fail = (place: number, why: 'words' | 'numbers') => void;

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The rest of what was typed, with one character for every form of some words. */
function withSign(prompt: Typed, from: number, forms: readonly string[], sign: string): Typed {
  const all = [...new Set(forms.map((form) => form.toLowerCase()))]
    .filter((form) => form !== '')
    .sort((a, b) => b.length - a.length);
  if (all.length === 0) return signed(prompt, from, /(?!)/g, () => sign);
  const words = new RegExp(
    String.raw`(?<![\p{L}\p{N}-])(?:${all.map(literally).join('|')})(?![\p{L}\p{N}-])`,
    'giu',
  );
  return signed(prompt, from, words, () => sign);
}

const formsOfItem = (item: string): readonly string[] => {
  const short = shortOf(item);
  return [item, short, singular(item), singular(short)];
};

function formsOfHolder({ name, frame }: Holder): readonly string[] {
  if (name === undefined) return [];
  const bare = name.toLowerCase().replace(/^the /, '');
  const called = /^(?:my|our|his|her|their|mr|mrs|ms|dr|aunt|uncle|captain|coach|mum|dad|grandma|grandpa|king|queen|pirate) (.+)$/.exec(bare)?.[1];
  // "her cousin Dev" is "Dev" from then on.
  const own = /^\p{Ll}.* (\p{Lu}\p{Ll}+)$/u.exec(name)?.[1];
  return [
    name,
    `the ${bare}`,
    ...(frame === 'place' ? [`a ${bare}`] : []),
    bare,
    ...(called === undefined ? [] : [`the ${called}`]),
    ...(own === undefined ? [] : [own]),
  ];
}

/** Who has the things, and how solutions call them; nothing where it can be no holder. */
function holderOf(said: string, frame: Frame, whole: string): Holder | undefined {
  const word = said.toLowerCase();
  if (frame === 'place') return /^(?:the|a|an|my|our) /.test(word) ? { frame, name: known(word) } : undefined;
  if (/^(i|we|you|my|our|your)$/.test(word)) return { frame };
  const article = /^(?:the|an?|my|our|his|her|their) /i.test(whole);
  return { frame, name: known(article ? whole.charAt(0).toLowerCase() + whole.slice(1) : whole) };
}

/** What is counted, in the plural: "1 pen" counts pens. */
const itemOf = (said: string, count: number): string =>
  count === 1 && !said.endsWith('s') ? plural(said) : said;

/** What the words between who and how many say is done: nothing where it is only had. */
function actOf(prompt: Typed, from: number, to: number): string | undefined {
  const said = prompt.text.slice(from, to).trim().toLowerCase();
  // "is given 12"
  if (/^(?:is|was|are|were|am) /.test(said)) return undefined;
  const bare = said.replace(/^(?:has|have|had|will) (?=\p{L})/u, '').replace(/ (?:exactly|about|already|another)$/, '');
  return /^(?:has|have|had|is|are|was|were|owns?|owned|holds?|held|keeps?|kept|got|start\w*|begin\w*|began|possess\w*|with)\b|[,:(]/.test(
    bare,
  ) || bare === ''
    ? undefined
    : bare;
}

/** The start of a story; its holder and first move. */
function beginning(prompt: Typed, match: Found<Start>): Known | undefined {
  const { frame, kind, asks, forward } = match.meaning;
  const { o, O, i, n, act } = match.slots;
  const who = o?.[0] ?? O?.[0];
  const said = match.meaning.item ?? i?.at(-1)?.text ?? (forward?.only === 'age' ? 'years' : undefined);
  if (said === undefined) return undefined;
  if (act !== undefined && NO_ACT.test(act[0]!.text)) return undefined;
  // "There are 12 pens." has no owner, and stories go on without one.
  const name = who?.text.replace(/'s?$/, '') ?? 'i';
  const holder =
    who === undefined && frame === 'place'
      ? { frame }
      : holderOf(name, frame, who === undefined ? name : asTyped(prompt, who.from, name.length));
  if (holder === undefined) return undefined;
  const done =
    frame === 'person' && kind !== 'price' && kind !== 'age' && o !== undefined && n !== undefined
      ? actOf(prompt, o[0]!.from + o[0]!.text.length, n[0]!.from)
      : undefined;
  if (kind === 'act' && done === undefined) return undefined;
  const known: Known = {
    frame,
    price: kind === 'price',
    item: itemOf(said, n === undefined || match.meaning.item !== undefined ? 0 : readNumber(n[0]!.text)),
    holders: [holder],
    moves: [],
    values: [undefined],
    last: 0,
    questions: [],
    age: kind === 'age' || forward?.only === 'age',
    ...(done === undefined ? {} : { act: done }),
  };
  if (forward !== undefined) return forwarded(prompt, match, forward, known);
  const move = startMove(match, 0);
  return {
    ...known,
    moves: [move],
    values: moved(move, [undefined]) ?? [Number.NaN],
    ...(kind === 'plain' || kind === 'act' || kind === 'none' ? { again: '+' as const } : {}),
    ...(asks === true ? { questions: [{ kind: 'now' as const, who: 0 }] } : {}),
  };
}

/** "Tom has 5 more pens than Ann. Ann has 12." */
function forwarded(
  prompt: Typed,
  { slots }: Found<Start>,
  { operation, by }: NonNullable<Start['forward']>,
  known: Known,
): Known | undefined {
  const [one, again] = slots.o2 ?? [];
  if (one === undefined || again === undefined || one.text !== again.text) return undefined;
  const base = holderOf(one.text, 'person', asTyped(prompt, one.from, one.text.length));
  if (base?.name === undefined || known.holders[0]!.name === undefined) return undefined;
  const moves: readonly Move[] = [
    { kind: 'start', who: 1, by: readNumber(slots.b![0]!.text) },
    { kind: 'compare', who: 0, of: 1, operation, by: by ?? readNumber(slots.n![0]!.text) },
  ];
  const values = moves.reduce<readonly (number | undefined)[] | undefined>(
    (now, move) => now && moved(move, now),
    [undefined, undefined],
  );
  return {
    ...known,
    holders: [known.holders[0]!, base],
    moves,
    values: values ?? [Number.NaN, Number.NaN],
    last: 1,
  };
}

function startMove({ meaning, slots }: Found<Start>, who: number): Move & { readonly kind: 'start' } {
  if (meaning.kind === 'none') return { kind: 'start', who, by: 0 };
  if (slots.n !== undefined) return { kind: 'start', who, by: readNumber(slots.n[0]!.text) };
  const packs = [readNumber(slots.a![0]!.text), readNumber(slots.b![0]!.text)] as const;
  return { kind: 'start', who, by: product(packs) ?? Number.NaN, packs };
}

const MOST_INTRODUCTION = 14;

/** Where a story may begin: at once, or behind a sentence or two that have no number in them. */
function openings(text: string, words: ReadonlySet<string>): readonly number[] {
  const titles = fringe(TITLES, words);
  const found = [0];
  for (let count = 0; count < 2; count += 1) {
    const from = found.at(-1)!;
    const end = /[.!?:;]+\s+/.exec(text.slice(from));
    if (end === null) break;
    const said = text.slice(from, from + end.index);
    const title = titles.some((matcher) => matchPattern(matcher, text, from)?.end === from + end.index + 1);
    if ((title || isIdle(said)) && said.split(' ').length <= MOST_INTRODUCTION) found.push(from + end.index + end[0].length);
    else break;
  }
  return found;
}

/** What a sentence that changes nothing does not have: numbers, and words that count, compare or take up what was said. */
const TELLING =
  /\d|[\ue001]|\b(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|dozen|pair|couple|half|twice|doubl\w*|tripl\w*|quadrupl\w*|halv\w*|third|quarter|all|none|no|nothing|every\w*|each|both|another|more|less|fewer|some|any|rest|remaining|left|same|them|they|those|these|it|ones?|too|also|so|again|likewise|as many|swap\w*|few|several|many|much|how|what|who)\b/iu;

function isIdle(said: string): boolean {
  return (
    said.trim() !== '' &&
    !TELLING.test(said) &&
    !(said.toLowerCase().match(/\p{L}+/gu) ?? []).some((word) => VERB_FORMS.has(word) && !HARMLESS.has(word))
  );
}

/** Of the verbs that change something these say mostly that somebody goes somewhere. */
const HARMLESS = verbForms(['go', 'come', 'walk', 'run', 'get', 'return', 'arrive', 'visit', 'enter', 'be', 'draw', 'land', 'stop', 'call']);

/** Reads a word problem. */
export function readWordProblem(prompt: Typed): Read<Task> {
  let furthest = 0;
  let why: 'words' | 'numbers' = 'words';
  const fail: Fail = (place, reason) => {
    if (place > furthest || (place === furthest && reason === 'numbers')) {
      furthest = place;
      why = reason;
    }
  };
  const sayings = new Sayings(prompt.text);
  const firsts = firstSentences(sayings.words);
  for (const opening of openings(prompt.text, sayings.words)) {
    for (const begin of sayings.starting(prompt.text, opening)) {
      for (const match of readings(firsts, prompt.text, begin)) {
        const story = beginning(prompt, match);
        if (story === undefined) continue;
        if (!Number.isFinite(story.values[0])) {
          fail(opening, 'numbers');
          continue;
        }
        let behind = withSign(prompt, match.end, formsOfItem(story.item), COUNTED);
        for (const [at, holder] of story.holders.entries())
          behind = withSign(behind, 0, formsOfHolder(holder), HOLDERS[at]!);
        const task = new Follower(sayings, fail, prompt.original).follow(behind, story);
        if (task !== undefined) return { ok: true, task };
      }
    }
  }
  return { ok: false, place: furthest, why };
}

function past(matchers: readonly Matcher[], text: string, at: number, whole: boolean): readonly number[] {
  const ends = new Set([at]);
  for (const matcher of matchers) {
    const match = matchPattern(matcher, text, at);
    if (match !== undefined && match.end > at && (!whole || endsWord(text, match.end))) ends.add(match.end);
  }
  return [...ends].sort((one, other) => other - one);
}

/** Everything behind the first sentence. */
class Follower {
  readonly #failed = new Set<string>();
  readonly #sayings: Sayings;
  readonly #fail: Fail;
  readonly #original: string;

  constructor(sayings: Sayings, fail: Fail, original: string) {
    this.#sayings = sayings;
    this.#fail = fail;
    this.#original = original;
  }

  follow(prompt: Typed, told: Known): Task | undefined {
    for (const end of this.#sayings.ending(prompt.text, 0)) {
      const task = this.#go(prompt, end, told);
      if (task !== undefined) return task;
    }
    return undefined;
  }

  #go(prompt: Typed, from: number, told: Known): Task | undefined {
    const { text } = prompt;
    const state = JSON.stringify([
      text.length - from,
      told.values,
      told.last,
      told.again,
      told.questions,
      told.parts,
      told.mixed,
    ]);
    if (this.#failed.has(state)) return undefined;
    if (/^[\s.,;:!?]*$/.test(text.slice(from))) {
      const { holders, item, moves, questions } = told;
      const task = wordTask({ holders, item, moves, questions }, this.#original);
      if (task !== undefined) return task;
      this.#fail(placeOf(prompt, from), questions.length > 0 ? 'numbers' : 'words');
    }
    for (const next of this.#next(text, from, told)) {
      const one = apply(prompt, told, next);
      if (one === 'numbers') this.#fail(placeOf(prompt, from), 'numbers');
      if (typeof one === 'string') continue;
      const entered = one.holders.length > told.holders.length;
      for (const end of this.#sayings.ending(text, next.end)) {
        const task = entered
          ? this.follow(
              withSign(prompt, end, formsOfHolder(one.holders.at(-1)!), HOLDERS[one.holders.length - 1]!),
              one,
            )
          : this.#go(prompt, end, one);
        if (task !== undefined) return task;
      }
    }
    this.#failed.add(state);
    this.#fail(placeOf(prompt, from), 'words');
    return undefined;
  }

  #next(text: string, from: number, told: Known): readonly Found<Clause>[] {
    const { whole, joined } = this.#sayings.candidates(told);
    const found: Found<Clause>[] = [];
    for (const start of clauseStarts(text, from)) {
      for (const at of this.#sayings.starting(text, start)) {
        found.push(...readings(whole, text, at));
        // "and gives 3 to Leo", ", then buys 5", "Buys 4."
        if (at > from) found.push(...readings(joined, text, at));
      }
    }
    const idle = idleAt(text, from);
    if (idle !== undefined) found.push({ meaning: { kind: 'idle' }, end: idle, slots: {} });
    return found.sort((one, other) => other.end - one.end);
  }
}

/** Where a sentence or a part of one ends that has nothing to do with the story; it begins behind a stop. */
function idleAt(text: string, from: number): number | undefined {
  const [, stops = '', said = ''] = /^([\s.,;:!?]*(?:(?:AND|THEN|BUT|SO) )*)((?:(?! AND )[^.!?;:,])*)/.exec(text.slice(from)) ?? [];
  return (from === 0 || stops !== '' || /^ AND /.test(text.slice(from))) && isIdle(said)
    ? from + stops.length + said.length
    : undefined;
}

/** What is known after one more clause; why not, where it makes no sense there. */
function apply(prompt: Typed, told: Known, found: Found<Clause>): Known | 'words' | 'numbers' {
  const { meaning, slots } = found;
  const number = (name: string): number => readNumber(slots[name]?.[0]?.text ?? '0');
  const done = told.questions.length > 0;
  /** The holder that a slot names; who was spoken of last, where it names none. */
  const named = (slot: string): number | undefined => {
    const text = slots[slot]?.[0]?.text;
    const at = text === undefined ? -1 : HOLDERS.findIndex((sign) => text.includes(sign));
    return at < 0 ? undefined : at;
  };
  // Of several, "they" is nobody alone.
  const many = told.holders.length > 1 && /^they$/.test(slots.o?.[0]?.text ?? '');
  if (many && meaning.kind !== 'idle' && meaning.kind !== 'pair' && meaning.kind !== 'three') return 'words';
  const who = named('o') ?? named('io') ?? named('O') ?? told.last;
  // All lie in equal shares: nothing else is told, but how many one has is asked.
  if (told.parts !== undefined && meaning.kind !== 'share' && meaning.kind !== 'idle') return 'words';
  // "found" is nobody.
  if (slots.x !== undefined && slots.x.some(({ text: other }) => VERB_FORMS.has(other.split(' ')[0]!))) return 'words';
  const lossy = told.act !== undefined && isLoss(told.act);
  const said = (slots.act ?? slots.act0 ?? slots.vb)?.[0]?.text.toLowerCase();
  if ('adj' in slots && slots.i !== undefined && told.item.includes(' ')) return 'words';
  const after = (move: Move, more: Partial<Known>): Known | 'numbers' => {
    const values = moved(move, told.values);
    const { again: _, ...rest } = told;
    return values === undefined ? 'numbers' : { ...rest, values, moves: [...told.moves, move], ...more };
  };
  switch (meaning.kind) {
    case 'idle':
      return done ? 'words' : told;
    case 'again': {
      if (done || told.again === undefined) return 'words';
      const { again } = told;
      return after({ kind: 'change', who: told.last, operation: again, by: number('n') }, { again });
    }
    case 'again by': {
      const before = told.moves.at(-1);
      if (done || told.again === undefined || before?.kind !== 'change' || who === before.who) return 'words';
      const { again } = told;
      return after({ kind: 'change', who, operation: again, by: number('n') }, { again, last: who });
    }
    case 'split': {
      if (done || told.parts !== undefined) return 'words';
      return { ...told, parts: number('n'), last: who };
    }
    case 'share':
      return told.parts === undefined
        ? 'words'
        : asking(withoutParts(told), { kind: 'each', who: told.last, parts: told.parts });
    case 'change': {
      if (done) return 'words';
      const { operation, by, packs, only } = meaning.phrase;
      if (only === 'act' ? said === undefined || !sameAct(told.act, said) : lossy) return 'words';
      const pair = packs === true ? ([number('a'), number('b')] as const) : undefined;
      const amount = pair === undefined ? (by ?? number('n')) : product(pair);
      if (amount === undefined) return 'numbers';
      const other = slots.x?.[0];
      const change: Change = {
        kind: 'change',
        who,
        operation,
        by: amount,
        ...(pair === undefined ? {} : { packs: pair }),
        ...(other === undefined || pair !== undefined
          ? {}
          : { other: asTyped(prompt, other.from, other.text.length) }),
      };
      const plain = pair === undefined && by === undefined && (operation === '+' || operation === '-');
      return after(change, {
        last: who,
        ...(plain ? { again: operation } : {}),
        ...(only === 'act' ? {} : { mixed: true }),
      });
    }
    case 'pass': {
      if (done || told.holders.length < 2) return 'words';
      if (lossy) return 'words';
      const from = named('o') ?? named('O');
      const to = named('o2');
      const [giver, taker] = [from ?? other(told, to), to ?? other(told, from)];
      if (giver === undefined || taker === undefined || giver === taker) return 'words';
      return after({ kind: 'pass', from: giver, to: taker, by: number('n') }, { last: giver, mixed: true });
    }
    case 'entry':
    case 'compare': {
      const entering = slots.o?.[0] ?? slots.O?.[0];
      const at = told.holders.length;
      const { phrase } = meaning;
      if (said !== undefined && meaning.kind === 'entry' && !sameAct(told.act, said)) return 'words';
      if (said !== undefined && NO_ACT.test(said)) return 'words';
      const only = 'kind' in phrase ? phrase.kind : undefined;
      if (lossy && only === 'plain' && !bareEntry(found)) return 'words';
      if (done || entering === undefined || at >= HOLDERS.length || told.price) return 'words';
      if (told.holders.some(({ name }) => name === undefined) && at > 1) return 'words';
      const bare = entering.text.replace(/'s?$/, '');
      if (bare.split(' ').some((word) => VERB_FORMS.has(word))) return 'words';
      const holder = holderOf(bare, 'person', asTyped(prompt, entering.from, bare.length));
      if (holder?.name === undefined) return 'words';
      const grown = { ...told, holders: [...told.holders, holder], values: [...told.values, undefined] };
      const move: Move =
        meaning.kind === 'entry'
          ? startMove({ ...found, meaning: meaning.phrase }, at)
          : {
              kind: 'compare',
              who: at,
              of: named('o2') ?? named('O2') ?? at - 1,
              operation: meaning.phrase.operation,
              by: meaning.phrase.by ?? number('n'),
            };
      const values = moved(move, grown.values);
      const { again: _, ...rest } = grown;
      if (values === undefined) return 'numbers';
      return {
        ...rest,
        values,
        moves: [...told.moves, move],
        last: at,
        ...(meaning.kind === 'entry' ? { again: '+' as const } : {}),
      };
    }
    case 'three':
      return asking(
        told,
        told.holders.length < 3 ? undefined : { kind: 'together', whos: [...told.holders.keys()] },
      );
    case 'pair': {
      if (told.holders.length < 2 || !mayAsk(told, said)) return 'words';
      const [one, two] = [named('o') ?? named('O'), named('o2') ?? named('O2')];
      if (meaning.asked === 'together') {
        const pair = one !== undefined && two !== undefined && one !== two;
        return asking(told, { kind: 'together', whos: pair ? [one, two].sort() : [...told.holders.keys()] });
      }
      const [ahead, than] = [one ?? other(told, two), two ?? other(told, one)];
      if (ahead === undefined || than === undefined || ahead === than) return 'words';
      return asking(told, { kind: 'ahead', who: ahead, than });
    }
    case 'question': {
      if (!mayAsk(told, said)) return 'words';
      if (meaning.asked === 'now') return asking(told, { kind: 'now', who });
      if (meaning.asked === 'groups') return asking(told, { kind: 'groups', who, of: number('n') });
      if (meaning.asked === 'missing') return asking(told, { kind: 'missing', who, goal: number('n') });
      return asking(told, { kind: 'each', who, parts: number('n') });
    }
  }
}

function withoutParts(told: Known): Known {
  const { parts: _, ...rest } = told;
  return rest;
}

/** Whether somebody comes in with a number alone: "and Ben 12". */
const bareEntry = ({ slots, end }: Found<Clause>): boolean => {
  const { o, n } = slots;
  return o !== undefined && n !== undefined && n[0]!.from - o[0]!.from - o[0]!.text.length < 2 && end > 0;
};

/** Whether two sayings are of one verb: "sold" and "sell". */
function sameAct(act: string | undefined, said: string): boolean {
  if (act === undefined) return false;
  const plain = said.replace(/^(?:has|have|had|will|is|was) (?=\p{L})/u, '');
  return act === plain || saysVerb(plain, new Set(act.split(' '))) || saysVerb(act, new Set(plain.split(' ')));
}

/** "How many did she sell?" is known where nothing but selling was told. */
function mayAsk({ act, mixed, frame, moves }: Known, said: string | undefined): boolean {
  if (said === undefined || frame === 'place' || /^(?:have|has|had|got|get|own|hold|keep)\b/.test(said)) return true;
  if (act !== undefined && moves.every(({ kind }) => kind === 'start' || kind === 'compare')) return true;
  return mixed === undefined && sameAct(act, said);
}

/** Of two holders the one that is not this one; of more it would not be clear. */
const other = ({ holders }: Known, who: number | undefined): number | undefined =>
  holders.length === 2 && who !== undefined ? 1 - who : undefined;

function asking(told: Known, question: Question | undefined): Known | 'words' {
  if (question === undefined || told.questions.length > 1) return 'words';
  if (told.questions.some((one) => JSON.stringify(one) === JSON.stringify(question))) return 'words';
  return {
    ...told,
    questions: [...told.questions, question],
    ...('who' in question ? { last: question.who } : {}),
  };
}
