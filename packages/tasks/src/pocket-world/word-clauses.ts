import type { Candidate } from './clauses.ts';
import { SOMEBODY, THING, WORD } from './open-words.ts';
import { compilePattern, type Pattern } from './pattern.ts';
import { PACKS, singular } from './things.ts';
import { NUMBER } from './typing.ts';
import { CONTAINERS } from './word-cast.ts';
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

/** What a sentence behind the first may say. */
export type Clause =
  | { readonly kind: 'change'; readonly phrase: ChangePhrase }
  | { readonly kind: 'again' | 'idle' | 'pass' | 'three' }
  | { readonly kind: 'entry'; readonly phrase: StartPhrase }
  | { readonly kind: 'compare'; readonly phrase: ComparePhrase }
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
  c: `(?:${oneOf(CONTAINERS)}|${WORD})`,
  x: `(?:${SOMEBODY})(?: (?:and|of|from) (?:the |his |her |a )?${WORD})?`,
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
const entering: Readonly<Record<string, string>> = { ...told, o: SOMEBODY, O: `${SOMEBODY}'s?`, i: `${COUNTED}` };

/** Things of one word and of more: a longer one may have swallowed what follows it. */
let firsts: readonly Candidate<StartPhrase>[] | undefined;
export function firstSentences(): readonly Candidate<StartPhrase>[] {
  firsts ??= [WORD, `${WORD} ${WORD}`, THING].flatMap((thing) =>
    STARTS.map((phrase) => ({
      meaning: phrase,
      matcher: compilePattern(phrase.pattern, (slot) => {
        if (slot === 'i' || slot === 'i1') return thing;
        if (slot === 'o') return `(?:i|we|you|${SOMEBODY})`;
        return slot === 'O' ? `(?:my|our|your|${SOMEBODY}'s?)` : SHARED[slot]!;
      }),
    })),
  );
  return firsts;
}

export interface Candidates {
  readonly whole: readonly Candidate<Clause>[];
  /** Without the subject, which the clause before has named. */
  readonly joined: readonly Candidate<Clause>[];
}

function candidatesOf(frame: Frame, price: boolean): Candidates {
  const whole: Candidate<Clause>[] = [];
  const joined: Candidate<Clause>[] = [];
  const add = (pattern: Pattern, meaning: Clause, slots = told) => {
    const slot = (name: string) => slots[name]!;
    whole.push({ matcher: compilePattern(pattern, slot), meaning });
    const [first, second] = pattern;
    const elided = meaning.kind === 'change' || meaning.kind === 'pass' || meaning.kind === 'question';
    if (elided && first?.kind === 'slot' && first.name === 'o' && second?.kind === 'text') {
      const rest = [{ ...second, text: second.text.trimStart() }, ...pattern.slice(2)];
      joined.push({ matcher: compilePattern(rest, slot), meaning });
    }
  };
  for (const phrase of CHANGES) if (phrase.frame === frame) add(phrase.pattern, { kind: 'change', phrase });
  for (const pattern of IDLE) add(pattern, { kind: 'idle' });
  if (price) {
    for (const { pattern, asked } of PRICE_QUESTIONS) add(pattern, { kind: 'question', asked });
    return { whole, joined };
  }
  for (const { pattern, asked, frame: own } of QUESTIONS)
    if (own === frame) add(pattern, { kind: 'question', asked });
  joined.push({ matcher: compilePattern(AGAIN, (name) => told[name]!), meaning: { kind: 'again' } });
  if (frame === 'person') {
    for (const { pattern } of PASSES) add(pattern, { kind: 'pass' });
    for (const { pattern, asked } of PAIR_QUESTIONS) add(pattern, { kind: 'pair', asked });
    for (const phrase of ENTRIES) add(phrase.pattern, { kind: 'entry', phrase }, entering);
    for (const phrase of COMPARES) add(phrase.pattern, { kind: 'compare', phrase }, entering);
    add(THREE, { kind: 'three' });
  }
  return { whole, joined };
}

/** Compiled when they are first needed. */
const compiled = new Map<string, Candidates>();
export function candidatesFor(frame: Frame, price: boolean): Candidates {
  const key = `${frame} ${price}`;
  const found = compiled.get(key) ?? candidatesOf(frame, price);
  compiled.set(key, found);
  return found;
}
