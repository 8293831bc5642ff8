import { marked } from './open-words.ts';
import type { Match, Matcher } from './pattern.ts';
import { matchPattern } from './pattern.ts';

/** A prompt as the reader sees it: plain quotes, single spaces, lower-case but for words that are marked. */
export interface Typed {
  readonly text: string;
  /** By place in `text`: the place in what was typed. */
  readonly places: readonly number[];
  readonly original: string;
}

/** More than this is not looked at: no prompt of the world is half as long. */
export const LONGEST_PROMPT = 4000;

/** `lines`: line breaks stay, as a table needs them. */
export function typed(original: string, lines: boolean): Typed {
  let text = '';
  const places: number[] = [];
  for (let at = 0; at < original.length; at += 1) {
    const character = original[at]!;
    const space = /\s/.test(character);
    const kept = space ? (lines && (character === '\n' || character === '\t') ? character : ' ') : character === '’' ? "'" : character.toLowerCase();
    if (space && (text === '' || (kept === ' ' ? /[ \n]$/.test(text) : text.endsWith('\n')))) continue;
    if (kept === '\n' && text.endsWith(' ')) {
      text = text.slice(0, -1);
      places.pop();
    }
    // A few capitals have lower-case forms of two characters; places have to fit.
    text += kept.length === 1 ? kept : character;
    places.push(at);
  }
  const end = text.trimEnd().length;
  return { text: marked(text.slice(0, end)), places: places.slice(0, end), original };
}

/** What was typed, in the letters it was typed in. */
export const asTyped = ({ original, places }: Typed, from: number, length: number): string =>
  original.slice(places[from]!, places[from + length - 1]! + 1);

/** The sentence that begins at `from`, as it was typed. */
export function sentenceAt(prompt: Typed, from: number): string {
  let start = from;
  while (start < prompt.text.length && /[\s.,;:!?|]/.test(prompt.text[start]!)) start += 1;
  const rest = prompt.text.slice(start);
  const end = /[.!?](?=\s|$)|\n/.exec(rest);
  const length = end === null ? rest.length : end.index + (end[0] === '\n' ? 0 : 1);
  return length === 0 ? prompt.original.trim() : asTyped(prompt, start, length);
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

/** Every reading of the clause at `from`, the longest first. */
export function readings<T>(
  candidates: readonly { readonly matcher: Matcher; readonly meaning: T }[],
  text: string,
  from: number,
): Found<T>[] {
  const found: Found<T>[] = [];
  for (const { matcher, meaning } of candidates) {
    const match = matchPattern(matcher, text, from);
    if (match !== undefined && match.end > from && endsWord(text, match.end)) found.push({ ...match, meaning });
  }
  return found.sort((one, other) => other.end - one.end);
}

/** What a reader found: a task, or how far it got before the sentence that it does not know. */
export type Read<T> =
  | { readonly ok: true; readonly task: T }
  | { readonly ok: false; readonly at: number; readonly why: 'words' | 'numbers' };
