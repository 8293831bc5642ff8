import { asTyped, clauseStarts, endsWord, type Found, type Read, readings, type Typed } from './clauses.ts';
import { compilePattern, type Matcher, matchPattern, type Pattern } from './pattern.ts';
import type { Task } from './task.ts';
import { SOMEBODY, THING, WORD } from './open-words.ts';
import { MONEY, PACKS, plural, singular } from './things.ts';
import { NUMBER, readNumber } from './typing.ts';
import { CONTAINERS, known, short as shortOf } from './word-cast.ts';
import { type Change, LARGEST, product, result, type WordFacts } from './word-facts.ts';
import {
  type Asked,
  CHANGES,
  type ChangePhrase,
  COMPARE_QUESTIONS,
  COMPARES,
  type ComparePhrase,
  type Frame,
  IDLE,
  LEAD,
  OPEN_LEADS,
  OPEN_TAILS,
  PREPOSITIONS,
  PRICE_QUESTIONS,
  QUESTIONS,
  STARTS,
  type StartPhrase,
  TAIL,
} from './word-phrases.ts';
import { wordTask } from './word-problems.ts';

const oneOf = (words: readonly string[]): string => `(?:${[...words].sort((a, b) => b.length - a.length).join('|')})`;

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
    meaning: phrase,
    matcher: compilePattern(phrase.pattern, (slot) => {
      if (slot === 'i' || slot === 'i1') return thing;
      if (slot === 'o') return `(?:i|we|you|${SOMEBODY})`;
      return slot === 'O' ? `(?:my|our|your|${SOMEBODY}'s?)` : SHARED[slot]!;
    }),
  })),
);

const leads = [LEAD, ...OPEN_LEADS].map((pattern) => compilePattern(pattern, (slot) => SHARED[slot]!));
const tails = [TAIL, ...OPEN_TAILS].map((pattern) => compilePattern(pattern, (slot) => SHARED[slot]!));

const cache = new Map<string, Candidates>();

/** Several first sentences may lead to one story. */
function candidatesFor(story: Story): Candidates {
  const key = `${story.frame}/${story.price}/${story.owner ?? ''}/${story.item}`;
  let found = cache.get(key);
  if (found === undefined) {
    if (cache.size > 8) cache.clear();
    found = candidatesOf(story);
    cache.set(key, found);
  }
  return found;
}

const escape = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

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

interface Candidates {
  readonly whole: readonly { readonly matcher: Matcher; readonly meaning: Clause }[];
  /** Without the subject, which the clause before has named. */
  readonly joined: readonly { readonly matcher: Matcher; readonly meaning: Clause }[];
}

function candidatesOf(story: Story): Candidates {
  const { owner, item, frame, price } = story;
  const short = shortOf(item);
  const forms = oneOf([item, short, singular(item), singular(short), ...(MONEY.includes(short) ? ['money'] : [])].map((form) => escape(form.toLowerCase())));
  const who = owner === undefined ? [] : [owner.toLowerCase(), owner.toLowerCase().replace(/^the /, 'a '), owner.toLowerCase().replace(/^the /, '')].map(escape);
  const slot = (name: string): string => {
    if (name === 'i' || name === 'i1') return forms;
    if (name === 'o') return `(?:${[...who, PRONOUN].join('|')})`;
    if (name === 'O') return `(?:${[...who.map((text) => `${text}'s?`), 'his|her|their|its|my|our|your|the'].join('|')})`;
    if (name === 'io') return `(?:${[...who, 'him|her|them|it|me|us|you'].join('|')})`;
    return SHARED[name]!;
  };
  const whole: { matcher: Matcher; meaning: Clause }[] = [];
  const joined: { matcher: Matcher; meaning: Clause }[] = [];
  const add = (pattern: Pattern, meaning: Clause) => {
    whole.push({ matcher: compilePattern(pattern, slot), meaning });
    const [first, second] = pattern;
    if (first?.kind === 'slot' && first.name === 'o' && second?.kind === 'text' && meaning.kind === 'change') {
      const rest = [{ ...second, text: second.text.trimStart() }, ...pattern.slice(2)];
      joined.push({ matcher: compilePattern(rest, slot), meaning });
    }
  };
  for (const phrase of CHANGES) if (phrase.frame === frame) add(phrase.pattern, { kind: 'change', phrase });
  for (const pattern of IDLE) add(pattern, { kind: 'idle' });
  if (price) {
    for (const { pattern, asked } of PRICE_QUESTIONS) add(pattern, { kind: 'question', asked });
  } else {
    for (const { pattern, asked, frame: own } of QUESTIONS) if (own === frame) add(pattern, { kind: 'question', asked });
  }
  for (const phrase of COMPARES) add(phrase.pattern, { kind: 'compare', phrase });
  for (const { pattern, both } of COMPARE_QUESTIONS) add(pattern, { kind: 'compared', both });
  return { whole, joined };
}

/** Who owns the things, and how solutions call them; nothing where the reader does not know the name. */
function ownerOf(said: string, frame: Frame, whole: string): { readonly owner?: string } | undefined {
  const word = said.toLowerCase();
  if (frame === 'place') return /^(?:the|a|an) /.test(word) ? { owner: known(word) } : undefined;
  if (/^(i|we|you|my|our|your)$/.test(word)) return {};
  return { owner: known(/^(?:the|an?|my|our|his|her|their) /i.test(whole) ? whole.charAt(0).toLowerCase() + whole.slice(1) : whole) };
}

/** What is counted, in the plural: "1 pen" counts pens. */
const itemOf = (said: string, count: number): string => (count === 1 && !said.endsWith('s') ? plural(said) : said);

function storyOf(prompt: Typed, match: Found<StartPhrase>): Story | undefined {
  const { frame, kind } = match.meaning;
  const { o, O, i, n, a, b } = match.slots;
  const who = o?.[0] ?? O?.[0];
  const said = i?.at(-1)?.text;
  if (who === undefined || said === undefined) return undefined;
  const name = who.text.replace(/'s?$/, '');
  const owner = ownerOf(name, frame, asTyped(prompt, who.from, name.length));
  if (owner === undefined) return undefined;
  const item = itemOf(said, n === undefined ? 0 : readNumber(n[0]!.text));
  const shared = { frame, price: kind === 'price', ...owner, item };
  if (kind === 'plain') return { ...shared, start: readNumber(n![0]!.text) };
  const startPacks = [readNumber(a![0]!.text), readNumber(b![0]!.text)] as const;
  return { ...shared, start: product(startPacks) ?? Number.NaN, startPacks };
}

interface Told {
  readonly changes: readonly Change[];
  readonly value: number;
  readonly compare?: { readonly other: string; readonly phrase: ComparePhrase; readonly by: number };
  readonly asked: readonly { readonly asked: Asked; readonly against?: number }[];
  readonly both?: boolean;
}

/** Reads a word problem; `at` is where the first sentence begins that it does not know. */
export function readWordProblem(prompt: Typed): Read<Task> {
  const { text } = prompt;
  let furthest = 0;
  let why: 'words' | 'numbers' = 'words';
  const fail = (at: number, reason: 'words' | 'numbers') => {
    if (at > furthest || (at === furthest && reason === 'numbers')) {
      furthest = at;
      why = reason;
    }
  };

  /** Where a clause may begin, with what leads to it skipped or not; and end, with what follows it. */
  const past = (matchers: readonly Matcher[], at: number, whole: boolean): number[] => {
    const ends = new Set([at]);
    for (const matcher of matchers) {
      const match = matchPattern(matcher, text, at);
      if (match !== undefined && match.end > at && (!whole || endsWord(text, match.end))) ends.add(match.end);
    }
    return [...ends].sort((one, other) => other - one);
  };
  const withLead = (at: number) => past(leads, at, false);
  const withTail = (at: number) => {
    const once = past(tails, at, true);
    return once.length > 1 ? [...new Set(once.flatMap((end) => past(tails, end, true)))].sort((a, b) => b - a) : once;
  };

  for (const begin of withLead(0)) {
    for (const match of readings(starts, text, begin)) {
      const story = storyOf(prompt, match);
      if (story === undefined) continue;
      if (!(story.start <= LARGEST)) {
        fail(0, 'numbers');
        continue;
      }
      const candidates = candidatesFor(story);
      const failed = new Set<string>();
      const go = (from: number, told: Told): Task | undefined => {
        const state = `${from} ${told.asked.length} ${told.compare === undefined ? '' : 'c'} ${told.value}`;
        if (failed.has(state)) return undefined;
        if (/^[\s.,;:!?]*$/.test(text.slice(from))) {
          const task = finish(story, told, prompt.original);
          if (task !== undefined) return task;
          fail(from, told.asked.length > 0 ? 'numbers' : 'words');
        }
        for (const next of nextClauses(candidates, from)) {
          const one = apply(prompt, story, told, next);
          if (one === 'numbers') fail(from, 'numbers');
          if (typeof one === 'string') continue;
          const ends = withTail(next.end);
          for (const end of ends) {
            const task = go(end, one);
            if (task !== undefined) return task;
          }
        }
        failed.add(state);
        fail(from, 'words');
        return undefined;
      };
      for (const end of withTail(match.end)) {
        const task = go(end, { changes: [], value: story.start, asked: [] });
        if (task !== undefined) return { ok: true, task };
      }
    }
  }
  return { ok: false, at: furthest, why };

  function nextClauses({ whole, joined }: Candidates, from: number): Found<Clause>[] {
    const found: Found<Clause>[] = [];
    for (const start of clauseStarts(text, from)) {
      for (const at of withLead(start)) {
        found.push(...readings(whole, text, at));
        if (from > 0 && at > from && /[a-z]/i.test(text.slice(from, at))) found.push(...readings(joined, text, at));
        else if (/^\s*,/.test(text.slice(from, at))) found.push(...readings(joined, text, at));
      }
    }
    return found.sort((one, other) => other.end - one.end);
  }
}

/** What is known after one more clause; why not, where it makes no sense there. */
function apply(prompt: Typed, story: Story, told: Told, { meaning, slots }: Found<Clause>): Told | 'words' | 'numbers' {
  const number = (name: string): number => readNumber(slots[name]?.[0]?.text ?? '0');
  const other = slots['x']?.[0];
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
      return other !== undefined && otherTyped?.toLowerCase() !== told.compare.other.toLowerCase() ? 'words' : { ...told, both: meaning.both };
    case 'question': {
      if (told.compare !== undefined || told.both !== undefined) return 'words';
      const against = slots['n'] === undefined ? undefined : number('n');
      // A second question goes on from what the first asks for.
      if (told.asked.length > 1 || (told.asked.length === 1 && (told.asked[0]!.asked !== 'now' || meaning.asked === 'now'))) return 'words';
      return { ...told, asked: [...told.asked, { asked: meaning.asked, ...(against === undefined ? {} : { against }) }] };
    }
  }
}

function finish(story: Story, told: Told, original: string): Task | undefined {
  const { frame, owner, item, start, startPacks } = story;
  const { compare, both, changes } = told;
  const asked = told.asked.at(-1);
  if ((compare === undefined) !== (both === undefined) || (compare === undefined && asked === undefined)) return undefined;
  const facts: WordFacts = {
    frame,
    ...(owner === undefined ? {} : { owner }),
    item,
    start,
    ...(startPacks === undefined ? {} : { startPacks }),
    changes,
    ...(compare === undefined
      ? {}
      : { compare: { other: compare.other, operation: compare.phrase.operation, by: compare.by, both: both! } }),
    asked: asked?.asked ?? 'now',
    ...(asked?.against === undefined ? {} : { against: asked.against }),
  };
  return wordTask(facts, original);
}
