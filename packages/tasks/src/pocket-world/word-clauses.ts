import type { Candidate } from './clauses.ts';
import { ANOTHER_KIND, WORD_CHANGES, WORD_QUESTIONS, WORD_STARTS } from './only-read.ts';
import { SOMEBODY, THING, WORD } from './open-words.ts';
import { compileFitting, type Pattern } from './pattern.ts';
import { NUMBER } from './typing.ts';
import { AGAIN, AGAIN_BY, CHANGES, PASSES, SPLITS } from './word-changes.ts';
import { IDLE, PREPOSITIONS } from './word-fringes.ts';
import type { Asked, ChangePhrase, ComparePhrase, Frame, Only, StartPhrase } from './word-phrases.ts';
import { COMPARES, PAIR_QUESTIONS, PRICE_QUESTIONS, QUESTIONS, SHARES, THREE } from './word-questions.ts';
import { ENTRIES, FORWARD, STARTS } from './word-starts.ts';

/** What a sentence says with which somebody comes in. */
export type Start = Omit<StartPhrase, 'pattern'> & {
  /** What the first one has more, less or times as many than the second, whose number comes behind. */
  readonly forward?: Omit<ComparePhrase, 'pattern'>;
};

/** What a sentence behind the first may say. */
export type Clause =
  | { readonly kind: 'change'; readonly phrase: Omit<ChangePhrase, 'pattern' | 'frame'> }
  | { readonly kind: 'again' | 'again by' | 'idle' | 'pass' | 'three' | 'split' | 'share' }
  | { readonly kind: 'entry'; readonly phrase: Start }
  | { readonly kind: 'compare'; readonly phrase: Omit<ComparePhrase, 'pattern'> }
  | { readonly kind: 'question' | 'pair'; readonly asked: Asked; readonly only?: Only };

/** In what comes behind the first sentence, every holder and what is counted are one character each. */
export const HOLDERS = ['\ue010', '\ue011', '\ue012'] as const;
export const COUNTED = '\ue001';

const oneOf = (words: readonly string[]): string =>
  `(?:${[...words].sort((a, b) => b.length - a.length).join('|')})`;

/** Some verbs are closed words, for a sentence hangs on them; here they may be any. */
const VERB = `(?:SELL|SELLS|SOLD|BUY|BUYS|BOUGHT|EAT|EATS|ATE|EATEN|TAKE|TAKES|TOOK|GIVE|GIVES|GAVE|LOSE|LOSES|LOST|GET|GETS|GOT|DO|DOES|DID|SORT|SORTS|SORTED|COUNT|COUNTS|DROP|DROPS|ADD|KEEP|KEEPS|${WORD})`;
const PARTICLE = '(?: (?:UP|OUT|IN|OFF|DOWN|BACK|OVER|AWAY|THROUGH))?';
const ACT = `(?:(?:HAS|HAVE|HAD|WILL|IS|WAS) )?${VERB}${PARTICLE}`;
const HOLDER = `(?:the )?[${HOLDERS.join('')}]`;

export const SHARED: Readonly<Record<string, string>> = {
  n: NUMBER,
  a: NUMBER,
  b: NUMBER,
  k: WORD,
  k1: WORD,
  folk: WORD,
  folk1: WORD,
  adj: WORD,
  act: ACT,
  act0: `${VERB}${PARTICLE}`,
  s: '(?:he|she|they|it|i|we|you)',
  t: THING,
  t1: THING,
  c: WORD,
  x: `(?:${SOMEBODY})(?: (?:of|from) (?:the |his |her |a )?${WORD})?`,
  p: '(?:his|her|their|its|my|our|your|the)',
  prep: oneOf(PREPOSITIONS),
  noun: WORD,
  // "In come 5", "off go 7" are no places.
  where: `(?!(?:come|comes|came|go|goes|went)\\b)${WORD}`,
  vb: `${VERB}${PARTICLE}`,
  does: '(?:does|do|did|will|would|can)',
  has: '(?:has|have|had|owns|own)',
  is: '(?:is|are|was|were|am)',
};

const PRONOUN = '(?:he|she|they|it|i|we|you)';
const told: Readonly<Record<string, string>> = {
  ...SHARED,
  i: COUNTED,
  i1: COUNTED,
  o: `(?:${HOLDER}|${PRONOUN})`,
  O: `(?:${HOLDER}(?:'s|')?|his|her|their|its|my|our|your|the)`,
  io: `(?:${HOLDER}|him|her|them|it|me|us|you)`,
  o2: `(?:${HOLDER}|him|her|them|me|us)`,
  O2: `(?:${HOLDER}(?:'s|')?|his|her|their|my|our)`,
};
/** Where somebody is named for the first time. */
const entering: Readonly<Record<string, string>> = {
  ...told,
  o: SOMEBODY,
  O: `${SOMEBODY}'s?`,
  i: `${COUNTED}`,
};

/** Things of one word and of more: a longer one may have swallowed what follows it. */
const FIRSTS = [WORD, `${WORD} ${WORD}`, THING].flatMap((thing) => {
  const slot = (name: string): string => {
    if (name === 'i' || name === 'i1') return thing;
    if (name === 'o') return `(?:i|we|you|${SOMEBODY})`;
    if (name === 'o2') return SOMEBODY;
    return name === 'O' ? `(?:my|our|your|${SOMEBODY}'s?)` : SHARED[name]!;
  };
  return [
    ...[...STARTS, ...WORD_STARTS].map(({ pattern, ...meaning }) => ({
      pattern,
      meaning: meaning as Start,
      slot,
    })),
    ...FORWARD.map(({ pattern, ...forward }) => ({
      pattern,
      meaning: { frame: 'person', kind: 'plain', forward } as Start,
      slot,
    })),
  ];
});

export const firstSentences = (words: ReadonlySet<string>): readonly Candidate<Start>[] =>
  compileFitting(FIRSTS, words);

export interface Candidates {
  readonly whole: readonly Candidate<Clause>[];
  /** Without the subject, which the clause before has named. */
  readonly joined: readonly Candidate<Clause>[];
}

interface Sayings {
  readonly whole: { pattern: Pattern; meaning: Clause; slot: (name: string) => string }[];
  readonly joined: { pattern: Pattern; meaning: Clause; slot: (name: string) => string }[];
}

/** What a story is about, as far as it decides what may be said. */
export interface Topic {
  readonly frame: Frame;
  readonly price: boolean;
  readonly money: boolean;
  readonly act: boolean;
  readonly age: boolean;
}

function sayingsOf(topic: Topic): Sayings {
  const { frame, price } = topic;
  const { whole, joined }: Sayings = { whole: [], joined: [] };
  const add = (pattern: Pattern, meaning: Clause, slots = told) => {
    const slot = (name: string) => slots[name]!;
    whole.push({ pattern, meaning, slot });
    const [first, second] = pattern;
    const elided =
      meaning.kind === 'change' ||
      meaning.kind === 'pass' ||
      meaning.kind === 'question' ||
      meaning.kind === 'split';
    if (elided && first?.kind === 'slot' && first.name === 'o' && second?.kind === 'text') {
      const rest = [{ ...second, text: second.text.trimStart() }, ...pattern.slice(2)];
      joined.push({ pattern: rest, meaning, slot });
    }
  };
  const fits = (only: Only | undefined): boolean => only === undefined || topic[only];
  for (const { pattern, frame: own, ...phrase } of [...CHANGES, ...WORD_CHANGES])
    if (own === frame && (price ? phrase.only === 'price' : fits(phrase.only)))
      add(pattern, { kind: 'change', phrase });
  for (const pattern of IDLE) add(pattern, { kind: 'idle' });
  if (price) {
    for (const { pattern, asked } of PRICE_QUESTIONS) add(pattern, { kind: 'question', asked });
    return { whole, joined };
  }
  for (const { pattern, asked, frame: own, only } of [...QUESTIONS, ...WORD_QUESTIONS])
    if (own === frame && fits(only))
      add(pattern, { kind: 'question', asked, ...(only === undefined ? {} : { only }) });
  for (const { pattern, frame: own } of SPLITS) if (own === frame) add(pattern, { kind: 'split' });
  for (const pattern of SHARES) add(pattern, { kind: 'share' });
  for (const pattern of [AGAIN, ANOTHER_KIND])
    joined.push({ pattern, meaning: { kind: 'again' }, slot: (name) => told[name]! });
  if (frame === 'person') {
    joined.push({
      pattern: AGAIN_BY,
      meaning: { kind: 'again by' },
      slot: (name) => (name === 'o' ? HOLDER : told[name]!),
    });
    for (const { pattern } of PASSES) add(pattern, { kind: 'pass' });
    for (const { pattern, asked, only } of PAIR_QUESTIONS)
      if (fits(only)) add(pattern, { kind: 'pair', asked, ...(only === undefined ? {} : { only }) });
    for (const { pattern, ...phrase } of ENTRIES)
      if ((phrase.kind !== 'age' || topic.age) && (phrase.kind !== 'act' || topic.act))
        add(pattern, { kind: 'entry', phrase }, entering);
    for (const { pattern, ...phrase } of COMPARES)
      if (fits(phrase.only)) add(pattern, { kind: 'compare', phrase }, entering);
    add(THREE, { kind: 'three' });
  }
  return { whole, joined };
}

/** Put together when they are first needed. */
const sayings = new Map<string, Sayings>();
export function candidatesFor(topic: Topic, words: ReadonlySet<string>): Candidates {
  const key = JSON.stringify(topic);
  const { whole, joined } = sayings.get(key) ?? sayingsOf(topic);
  sayings.set(key, { whole, joined });
  return { whole: compileFitting(whole, words), joined: compileFitting(joined, words) };
}
