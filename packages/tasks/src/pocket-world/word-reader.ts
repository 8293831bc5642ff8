import {
  asTyped,
  type Candidate,
  clauseStarts,
  endsWord,
  type Found,
  placeOf,
  type Read,
  readings,
  signed,
  type Typed,
} from './clauses.ts';
import { SOMEBODY, THING, WORD } from './open-words.ts';
import {
  compileFitting,
  compilePattern,
  type Matcher,
  matchPattern,
  type Pattern,
  type Sayable,
  wordsIn,
} from './pattern.ts';
import type { Task } from './task.ts';
import { MONEY, PACKS, plural, singular } from './things.ts';
import { NUMBER, readNumber } from './typing.ts';
import { CONTAINERS, known, short as shortOf } from './word-cast.ts';
import { type Change, LARGEST, product, result, type WordFacts } from './word-facts.ts';
import { IDLE, LEAD, OPEN_LEADS, OPEN_TAILS, PREPOSITIONS, TAIL } from './word-fringes.ts';
import {
  type Asked,
  CHANGES,
  type ChangePhrase,
  type ComparePhrase,
  type Frame,
  STARTS,
  type StartPhrase,
} from './word-phrases.ts';
import { wordTask } from './word-problems.ts';
import { COMPARE_QUESTIONS, COMPARES, PRICE_QUESTIONS, QUESTIONS } from './word-questions.ts';

const oneOf = (words: readonly string[]): string =>
  `(?:${[...words].sort((a, b) => b.length - a.length).join('|')})`;

const PACK = oneOf(PACKS.flatMap((pack) => [pack, singular(pack)]));
const PRONOUN = '(?:he|she|they|it|i|we|you)';

const SHARED: Readonly<Record<string, string>> = {
  n: NUMBER,
  a: NUMBER,
  b: NUMBER,
  k: PACK,
  k1: PACK,
  t: THING,
  t1: THING,
  c: oneOf(CONTAINERS),
  x: SOMEBODY,
  p: '(?:his|her|their|its|my|our|your|the)',
  prep: oneOf(PREPOSITIONS),
  noun: WORD,
  does: '(?:does|do|did|will|would|can)',
  has: '(?:has|have|had|owns|own)',
  is: '(?:is|are|was|were|am)',
};

/** Things of one word and of more: a longer one may have swallowed what follows it. */
const starts = [WORD, `${WORD} ${WORD}`, THING].flatMap((thing) =>
  STARTS.map((phrase) => ({
    pattern: phrase.pattern,
    meaning: phrase,
    slot: (slot: string): string => {
      if (slot === 'i' || slot === 'i1') return thing;
      if (slot === 'o') return `(?:i|we|you|${SOMEBODY})`;
      return slot === 'O' ? `(?:my|our|your|${SOMEBODY}'s?)` : SHARED[slot]!;
    },
  })),
);

const leads = [LEAD, ...OPEN_LEADS].map((pattern) => compilePattern(pattern, (slot) => SHARED[slot]!));
const tails = [TAIL, ...OPEN_TAILS].map((pattern) => compilePattern(pattern, (slot) => SHARED[slot]!));

/** What is fixed once the first sentence was read. */
interface Story {
  readonly frame: Frame;
  readonly price: boolean;
  /** As it was typed; nothing for "I" and "we". */
  readonly owner?: string;
  readonly item: string;
  readonly start: number;
  readonly startPacks?: readonly [number, number];
}

type Clause =
  | { readonly kind: 'change'; readonly phrase: ChangePhrase }
  | { readonly kind: 'idle' }
  | { readonly kind: 'compare'; readonly phrase: ComparePhrase }
  | { readonly kind: 'compared'; readonly both: boolean }
  | { readonly kind: 'question'; readonly asked: Asked };

/** In what comes behind the first sentence, the owner and what is counted are one character each. */
const OWNER = '\ue000';
const COUNTED = '\ue001';

const told: Readonly<Record<string, string>> = {
  ...SHARED,
  i: COUNTED,
  i1: COUNTED,
  o: `(?:${OWNER}|${PRONOUN})`,
  O: `(?:${OWNER}'s?|his|her|their|its|my|our|your|the)`,
  io: `(?:${OWNER}|him|her|them|it|me|us|you)`,
};

type Saying = Sayable<Clause>;

interface Sayings {
  readonly whole: readonly Saying[];
  readonly joined: readonly Saying[];
}

interface Candidates {
  readonly whole: readonly Candidate<Clause>[];
  /** Without the subject, which the clause before has named. */
  readonly joined: readonly Candidate<Clause>[];
}

function sayingsOf(frame: Frame, price: boolean): Sayings {
  const whole: Saying[] = [];
  const joined: Saying[] = [];
  const slot = (name: string) => told[name]!;
  const add = (pattern: Pattern, meaning: Clause) => {
    whole.push({ pattern, meaning, slot });
    const [first, second] = pattern;
    if (
      first?.kind === 'slot' &&
      first.name === 'o' &&
      second?.kind === 'text' &&
      meaning.kind === 'change'
    ) {
      const rest = [{ ...second, text: second.text.trimStart() }, ...pattern.slice(2)];
      joined.push({ pattern: rest, meaning, slot });
    }
  };
  for (const phrase of CHANGES) if (phrase.frame === frame) add(phrase.pattern, { kind: 'change', phrase });
  for (const pattern of IDLE) add(pattern, { kind: 'idle' });
  if (price) {
    for (const { pattern, asked } of PRICE_QUESTIONS) add(pattern, { kind: 'question', asked });
  } else {
    for (const { pattern, asked, frame: own } of QUESTIONS)
      if (own === frame) add(pattern, { kind: 'question', asked });
  }
  for (const phrase of COMPARES) add(phrase.pattern, { kind: 'compare', phrase });
  for (const { pattern, both } of COMPARE_QUESTIONS) add(pattern, { kind: 'compared', both });
  return { whole, joined };
}

/** Put together when they are first needed. */
const sayings = new Map<string, Sayings>();
function candidatesFor(frame: Frame, price: boolean, words: ReadonlySet<string>): Candidates {
  const key = `${frame} ${price}`;
  const found = sayings.get(key) ?? sayingsOf(frame, price);
  sayings.set(key, found);
  return { whole: compileFitting(found.whole, words), joined: compileFitting(found.joined, words) };
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** What was typed behind the first sentence, with one character for the owner and one for what is counted. */
function rest(prompt: Typed, { owner, item }: Story, from: number): Typed {
  const short = shortOf(item);
  const things = [item, short, singular(item), singular(short), ...(MONEY.includes(short) ? ['money'] : [])];
  const bare = owner?.toLowerCase().replace(/^the /, '');
  const who = bare === undefined ? [] : [owner!.toLowerCase(), `the ${bare}`, `a ${bare}`, bare];
  const forms = [...new Set([...who, ...things.map((thing) => thing.toLowerCase())])].sort(
    (a, b) => b.length - a.length,
  );
  const words = new RegExp(
    String.raw`(?<![\p{L}\p{N}-])(?:${forms.map(literally).join('|')})(?![\p{L}\p{N}-])`,
    'giu',
  );
  return signed(prompt, from, words, (word) => (who.includes(word) ? OWNER : COUNTED));
}

/** Who owns the things, and how solutions call them; nothing where the reader does not know the name. */
function ownerOf(said: string, frame: Frame, whole: string): { readonly owner?: string } | undefined {
  const word = said.toLowerCase();
  if (frame === 'place') return /^(?:the|a|an) /.test(word) ? { owner: known(word) } : undefined;
  if (/^(i|we|you|my|our|your)$/.test(word)) return {};
  return {
    owner: known(
      /^(?:the|an?|my|our|his|her|their) /i.test(whole)
        ? whole.charAt(0).toLowerCase() + whole.slice(1)
        : whole,
    ),
  };
}

/** What is counted, in the plural: "1 pen" counts pens. */
const itemOf = (said: string, count: number): string =>
  count === 1 && !said.endsWith('s') ? plural(said) : said;

function storyOf(prompt: Typed, match: Found<StartPhrase>): Story | undefined {
  const { frame, kind } = match.meaning;
  const { o, O, i, n, a, b } = match.slots;
  const who = o?.[0] ?? O?.[0];
  const said = i?.at(-1)?.text;
  if (said === undefined) return undefined;
  // "There are 12 pens." has no owner, and stories go on without one.
  const name = who?.text.replace(/'s?$/, '') ?? 'i';
  const owner = ownerOf(name, frame, who === undefined ? name : asTyped(prompt, who.from, name.length));
  if (owner === undefined) return undefined;
  const item = itemOf(said, n === undefined ? 0 : readNumber(n[0]!.text));
  const shared = { frame, price: kind === 'price', ...owner, item };
  if (kind === 'plain') return { ...shared, start: readNumber(n![0]!.text) };
  const startPacks = [readNumber(a![0]!.text), readNumber(b![0]!.text)] as const;
  return { ...shared, start: product(startPacks) ?? Number.NaN, startPacks };
}

interface Known {
  readonly changes: readonly Change[];
  readonly value: number;
  readonly compare?: { readonly other: string; readonly phrase: ComparePhrase; readonly by: number };
  readonly asked: readonly { readonly asked: Asked; readonly against?: number }[];
  readonly both?: boolean;
}

/** Reads a word problem. */
export function readWordProblem(prompt: Typed): Read<Task> {
  let furthest = 0;
  let why: 'words' | 'numbers' = 'words';
  const fail = (place: number, reason: 'words' | 'numbers') => {
    if (place > furthest || (place === furthest && reason === 'numbers')) {
      furthest = place;
      why = reason;
    }
  };
  const words = wordsIn(prompt.text);
  const firsts = compileFitting(starts, words);
  const compiled = new Map<string, Candidates>();
  const candidates = ({ frame, price }: Story): Candidates => {
    const key = `${frame} ${price}`;
    const found = compiled.get(key) ?? candidatesFor(frame, price, words);
    compiled.set(key, found);
    return found;
  };
  for (const begin of starting(prompt.text, 0)) {
    for (const match of readings(firsts, prompt.text, begin)) {
      const story = storyOf(prompt, match);
      if (story === undefined) continue;
      if (!(story.start <= LARGEST)) {
        fail(0, 'numbers');
        continue;
      }
      const behind = rest(prompt, story, match.end);
      const task = follow(behind, story, candidates(story), (at, reason) =>
        fail(placeOf(behind, at), reason),
      );
      if (task !== undefined) return { ok: true, task };
    }
  }
  return { ok: false, place: furthest, why };
}

/** Where a clause may begin: with what leads to it skipped or not. */
const starting = (text: string, at: number) => past(leads, text, at, false);

/** Where a clause may end: with up to two phrases that follow it or without. */
function ending(text: string, at: number): readonly number[] {
  const once = past(tails, text, at, true);
  if (once.length === 1) return once;
  return [...new Set(once.flatMap((end) => past(tails, text, end, true)))].sort((a, b) => b - a);
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
function follow(
  prompt: Typed,
  story: Story,
  { whole, joined }: Candidates,
  fail: (at: number, why: 'words' | 'numbers') => void,
): Task | undefined {
  const { text } = prompt;
  const failed = new Set<string>();

  const nextClauses = (from: number): Found<Clause>[] => {
    const found: Found<Clause>[] = [];
    for (const start of clauseStarts(text, from)) {
      for (const at of starting(text, start)) {
        found.push(...readings(whole, text, at));
        // "and gives 3 to Leo", ", then buys 5".
        if (at > from && /^\s*,|\p{L}/u.test(text.slice(from, at))) found.push(...readings(joined, text, at));
      }
    }
    return found.sort((one, other) => other.end - one.end);
  };

  const go = (from: number, told: Known): Task | undefined => {
    const state = `${from} ${told.asked.length} ${told.compare === undefined ? '' : 'c'} ${told.value}`;
    if (failed.has(state)) return undefined;
    if (/^[\s.,;:!?]*$/.test(text.slice(from))) {
      const task = finish(story, told, prompt.original);
      if (task !== undefined) return task;
      fail(from, told.asked.length > 0 ? 'numbers' : 'words');
    }
    for (const next of nextClauses(from)) {
      const one = apply(prompt, story, told, next);
      if (one === 'numbers') fail(from, 'numbers');
      if (typeof one === 'string') continue;
      for (const end of ending(text, next.end)) {
        const task = go(end, one);
        if (task !== undefined) return task;
      }
    }
    failed.add(state);
    fail(from, 'words');
    return undefined;
  };
  for (const end of ending(text, 0)) {
    const task = go(end, { changes: [], value: story.start, asked: [] });
    if (task !== undefined) return task;
  }
  return undefined;
}

/** What is known after one more clause; why not, where it makes no sense there. */
function apply(
  prompt: Typed,
  story: Story,
  told: Known,
  { meaning, slots }: Found<Clause>,
): Known | 'words' | 'numbers' {
  const number = (name: string): number => readNumber(slots[name]?.[0]?.text ?? '0');
  const other = slots.x?.[0];
  if (other !== undefined && other.text === story.owner?.toLowerCase()) return 'words';
  const otherTyped = other === undefined ? undefined : asTyped(prompt, other.from, other.text.length);
  const done = told.asked.length > 0 || told.both !== undefined;
  switch (meaning.kind) {
    case 'idle':
      return done ? 'words' : told;
    case 'change': {
      if (done || told.compare !== undefined) return 'words';
      const { operation, by, packs } = meaning.phrase;
      const pair = packs === true ? ([number('a'), number('b')] as const) : undefined;
      const amount = pair === undefined ? (by ?? number('n')) : product(pair);
      const value = amount === undefined ? undefined : result(operation, told.value, amount);
      if (amount === undefined || value === undefined) return 'numbers';
      const change: Change = {
        operation,
        by: amount,
        ...(pair === undefined ? {} : { packs: pair }),
        ...(otherTyped === undefined || pair !== undefined ? {} : { other: otherTyped }),
      };
      return { ...told, value, changes: [...told.changes, change] };
    }
    case 'compare': {
      if (done || told.compare !== undefined || otherTyped === undefined) return 'words';
      const by = meaning.phrase.by ?? number('n');
      return { ...told, compare: { other: otherTyped, phrase: meaning.phrase, by } };
    }
    case 'compared':
      if (done || told.compare === undefined) return 'words';
      return other !== undefined && otherTyped?.toLowerCase() !== told.compare.other.toLowerCase()
        ? 'words'
        : { ...told, both: meaning.both };
    case 'question': {
      if (told.compare !== undefined || told.both !== undefined) return 'words';
      const against = slots.n === undefined ? undefined : number('n');
      // A second question goes on from what the first asks for.
      if (
        told.asked.length > 1 ||
        (told.asked.length === 1 && (told.asked[0]!.asked !== 'now' || meaning.asked === 'now'))
      )
        return 'words';
      return {
        ...told,
        asked: [...told.asked, { asked: meaning.asked, ...(against === undefined ? {} : { against }) }],
      };
    }
  }
}

function finish(story: Story, told: Known, original: string): Task | undefined {
  const { frame, owner, item, start, startPacks } = story;
  const { compare, both, changes } = told;
  const asked = told.asked.at(-1);
  if ((compare === undefined) !== (both === undefined) || (compare === undefined && asked === undefined))
    return undefined;
  const facts: WordFacts = {
    frame,
    ...(owner === undefined ? {} : { owner }),
    item,
    start,
    ...(startPacks === undefined ? {} : { startPacks }),
    changes,
    ...(compare === undefined
      ? {}
      : {
          compare: { other: compare.other, operation: compare.phrase.operation, by: compare.by, both: both! },
        }),
    asked: asked?.asked ?? 'now',
    ...(asked?.against === undefined ? {} : { against: asked.against }),
  };
  return wordTask(facts, original);
}
