import type { Candidate } from './clauses.ts';
import { SOMEBODY, THING, WORD } from './open-words.ts';
import { compileFitting, type Pattern } from './pattern.ts';
import { PACKS, singular } from './things.ts';
import { NUMBER } from './typing.ts';
import { IDLE, PREPOSITIONS } from './word-fringes.ts';
import {
  AGAIN,
  type Asked,
  CHANGES,
  type ChangePhrase,
  type ComparePhrase,
  ENTRIES,
  type Frame,
  PASSES,
  STARTS,
  type StartPhrase,
} from './word-phrases.ts';
import { COMPARES, PAIR_QUESTIONS, PRICE_QUESTIONS, QUESTIONS, THREE } from './word-questions.ts';

/** What a sentence says with which somebody comes in. */
export type Start = Omit<StartPhrase, 'pattern'>;

/** What a sentence behind the first may say. */
export type Clause =
  | { readonly kind: 'change'; readonly phrase: Omit<ChangePhrase, 'pattern' | 'frame'> }
  | { readonly kind: 'again' | 'idle' | 'pass' | 'three' }
  | { readonly kind: 'entry'; readonly phrase: Start }
  | { readonly kind: 'compare'; readonly phrase: Omit<ComparePhrase, 'pattern'> }
  | { readonly kind: 'question' | 'pair'; readonly asked: Asked };

/** In what comes behind the first sentence, every holder and what is counted are one character each. */
export const HOLDERS = ['\ue010', '\ue011', '\ue012'] as const;
export const COUNTED = '\ue001';

const oneOf = (words: readonly string[]): string =>
  `(?:${[...words].sort((a, b) => b.length - a.length).join('|')})`;

const PACK = oneOf(PACKS.flatMap((pack) => [pack, singular(pack)]));
const ANY = `(?:HAVE|HAS|HAD|GOT|GET|SELL|SOLD|BUY|BOUGHT|EAT|ATE|TAKE|TOOK|GIVE|GAVE|LOST|LOSE|${WORD})`;
const HOLDER = `(?:the )?[${HOLDERS.join('')}]`;

export const SHARED: Readonly<Record<string, string>> = {
  n: NUMBER,
  a: NUMBER,
  b: NUMBER,
  k: PACK,
  k1: PACK,
  t: THING,
  t1: THING,
  c: WORD,
  x: `(?:${SOMEBODY})(?: (?:of|from) (?:the |his |her |a )?${WORD})?`,
  p: '(?:his|her|their|its|my|our|your|the)',
  prep: oneOf(PREPOSITIONS),
  noun: WORD,
  vb: ANY,
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
const FIRSTS = [WORD, `${WORD} ${WORD}`, THING].flatMap((thing) =>
  STARTS.map(({ pattern, ...meaning }) => ({
    pattern,
    meaning,
    slot: (slot: string): string => {
      if (slot === 'i' || slot === 'i1') return thing;
      if (slot === 'o') return `(?:i|we|you|${SOMEBODY})`;
      return slot === 'O' ? `(?:my|our|your|${SOMEBODY}'s?)` : SHARED[slot]!;
    },
  })),
);

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

function sayingsOf(frame: Frame, price: boolean): Sayings {
  const { whole, joined }: Sayings = { whole: [], joined: [] };
  const add = (pattern: Pattern, meaning: Clause, slots = told) => {
    const slot = (name: string) => slots[name]!;
    whole.push({ pattern, meaning, slot });
    const [first, second] = pattern;
    const elided = meaning.kind === 'change' || meaning.kind === 'pass' || meaning.kind === 'question';
    if (elided && first?.kind === 'slot' && first.name === 'o' && second?.kind === 'text') {
      const rest = [{ ...second, text: second.text.trimStart() }, ...pattern.slice(2)];
      joined.push({ pattern: rest, meaning, slot });
    }
  };
  for (const { pattern, frame: own, ...phrase } of CHANGES)
    if (own === frame) add(pattern, { kind: 'change', phrase });
  for (const pattern of IDLE) add(pattern, { kind: 'idle' });
  if (price) {
    for (const { pattern, asked } of PRICE_QUESTIONS) add(pattern, { kind: 'question', asked });
    return { whole, joined };
  }
  for (const { pattern, asked, frame: own } of QUESTIONS)
    if (own === frame) add(pattern, { kind: 'question', asked });
  joined.push({ pattern: AGAIN, meaning: { kind: 'again' }, slot: (name) => told[name]! });
  if (frame === 'person') {
    for (const { pattern } of PASSES) add(pattern, { kind: 'pass' });
    for (const { pattern, asked } of PAIR_QUESTIONS) add(pattern, { kind: 'pair', asked });
    for (const { pattern, ...phrase } of ENTRIES) add(pattern, { kind: 'entry', phrase }, entering);
    for (const { pattern, ...phrase } of COMPARES) add(pattern, { kind: 'compare', phrase }, entering);
    add(THREE, { kind: 'three' });
  }
  return { whole, joined };
}

/** Put together when they are first needed. */
const sayings = new Map<string, Sayings>();
export function candidatesFor(frame: Frame, price: boolean, words: ReadonlySet<string>): Candidates {
  const key = `${frame} ${price}`;
  const { whole, joined } = sayings.get(key) ?? sayingsOf(frame, price);
  sayings.set(key, { whole, joined });
  return { whole: compileFitting(whole, words), joined: compileFitting(joined, words) };
}
