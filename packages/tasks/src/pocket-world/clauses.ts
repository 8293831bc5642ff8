import { marked } from './open-words.ts';
import type { Match, Matcher } from './pattern.ts';
import { matchPattern } from './pattern.ts';

/** A prompt as the reader sees it: plain quotes, single spaces, lower-case but for words that are marked. */
export interface Typed {
  readonly text: string;
  /** By place in `text`: where in what was typed this begins and ends. */
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly original: string;
}

/** More than this is not looked at: no prompt of the world is half as long. */
export const LONGEST_PROMPT = 4000;

/** `lines`: line breaks and tabs stay, as a table needs them. */
export function typed(original: string, lines: boolean): Typed {
  let text = '';
  const starts: number[] = [];
  for (let at = 0; at < original.length; at += 1) {
    const character = original[at]!;
    const space = /\s/.test(character);
    const kept = space
      ? lines && (character === '\n' || character === '\t')
        ? character
        : ' '
      : character === '’'
        ? "'"
        : character.toLowerCase();
    const money = /^\$\d[\d,]*/.exec(character === '$' ? original.slice(at, at + 12) : '')?.[0];
    if (money !== undefined) {
      // "$12" is read as "12 dollars".
      const said = `${money.slice(1)} dollars`;
      text += said;
      for (let index = 0; index < said.length; index += 1)
        starts.push(at + Math.min(index, money.length - 1));
      at += money.length - 1;
      continue;
    }
    if (character === '&') {
      text += 'and';
      starts.push(at, at, at);
      continue;
    }
    if (space && (text === '' || (kept === ' ' ? /[ \n]$/.test(text) : text.endsWith('\n')))) continue;
    if (kept === '\n' && text.endsWith(' ')) {
      text = text.slice(0, -1);
      starts.pop();
    }
    // A few capitals have lower-case forms of two characters; places have to fit.
    text += kept.length === 1 ? kept : character;
    starts.push(at);
  }
  const end = text.trimEnd().length;
  return {
    text: marked(text.slice(0, end)),
    starts: starts.slice(0, end),
    ends: starts.slice(0, end).map((start) => start + 1),
    original,
  };
}

/** The rest of a prompt, from `from` on, with every match of `words` as the one character that `sign` gives. */
export function signed(prompt: Typed, from: number, words: RegExp, sign: (word: string) => string): Typed {
  let text = '';
  const starts: number[] = [];
  const ends: number[] = [];
  const keep = (begin: number, end: number) => {
    text += prompt.text.slice(begin, end);
    starts.push(...prompt.starts.slice(begin, end));
    ends.push(...prompt.ends.slice(begin, end));
  };
  let at = from;
  words.lastIndex = from;
  for (let found = words.exec(prompt.text); found !== null; found = words.exec(prompt.text)) {
    keep(at, found.index);
    text += sign(found[0].toLowerCase());
    starts.push(prompt.starts[found.index]!);
    at = found.index + found[0].length;
    ends.push(prompt.ends[at - 1]!);
  }
  keep(at, prompt.text.length);
  return { text, starts, ends, original: prompt.original };
}

/** What was typed, in the letters it was typed in. */
export const asTyped = ({ original, starts, ends }: Typed, from: number, length: number): string =>
  original.slice(starts[from]!, ends[from + length - 1]!);

/** Where in what was typed the text goes on at `at`. */
export const placeOf = ({ original, starts }: Typed, at: number): number => starts[at] ?? original.length;

/** The sentence that begins at a place, as it was typed. */
export function sentenceAt(original: string, place: number): string {
  const start = place + (/^[\s.,;:!?|]*/.exec(original.slice(place))?.[0].length ?? 0);
  const rest = original.slice(start);
  const end = /[.!?](?=\s|$)|\n/.exec(rest);
  const sentence = end === null ? rest : rest.slice(0, end.index + 1);
  return sentence.trim() === '' ? original.trim() : sentence.trim();
}

const BREAK = /[\s.,;:!?]*/y;
const LINK = /(?:(?:and then|and later|and also|and|but then|but|then|so)\b,? ?)?/iy;

/** Where the next clause begins: behind stops, and behind a word that joins clauses. */
export function clauseStarts(text: string, from: number): readonly number[] {
  BREAK.lastIndex = from;
  BREAK.exec(text);
  const start = Math.max(from, BREAK.lastIndex);
  LINK.lastIndex = start;
  LINK.exec(text);
  return LINK.lastIndex > start ? [LINK.lastIndex, start] : [start];
}

/** A clause ends where a word does. */
export const endsWord = (text: string, at: number): boolean =>
  at >= text.length || !/[\p{L}\p{N}'-]/u.test(text[at]!) || !/[\p{L}\p{N}'-]/u.test(text[at - 1] ?? ' ');

export interface Found<T> extends Match {
  readonly meaning: T;
}

export interface Candidate<T> {
  readonly matcher: Matcher;
  readonly meaning: T;
}

/** Every reading of the clause at `from`, the longest first. */
export function readings<T>(candidates: readonly Candidate<T>[], text: string, from: number): Found<T>[] {
  const found: Found<T>[] = [];
  for (const { matcher, meaning } of candidates) {
    const match = matchPattern(matcher, text, from);
    if (match !== undefined && match.end > from && endsWord(text, match.end))
      found.push({ ...match, meaning });
  }
  return found.sort((one, other) => other.end - one.end);
}

/** What a reader found: a task, or how far it got before the sentence that it does not know. */
export type Read<T> =
  | { readonly ok: true; readonly task: T }
  | {
      readonly ok: false;
      /** Where in what was typed the sentence begins that it does not know. */
      readonly place: number;
      readonly why: 'words' | 'numbers';
    };
