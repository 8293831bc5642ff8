import { invalidOption, type TokenId } from '@judge-decoding/core';
import { namedSpecials } from './stop-conditions.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Where a streamed text begins and ends. */
export interface TextStreamOptions {
  /**
   * The text ends before the first of these to be complete in it, across tokens or inside one. The
   * names of special tokens in them stand for the tokens.
   */
  readonly stop?: readonly string[];
  /**
   * Whether the first token pushed starts a text of its own. Then leading spaces that belong to
   * the tokenizer (SentencePiece's) are not shown. Off: what is pushed goes on from a prompt.
   */
  readonly startsText?: boolean;
}

/** Tokens in, text out, never more than is certain. */
export interface TextStream {
  /** Text that this token makes safe to show; often empty, nothing after a stop string. */
  push(id: TokenId): string;
  /** What was held back: the rest of the text, with U+FFFD for half a character. */
  finish(): string;
  /** The stop string that ended the text, if one did. */
  readonly stopped: string | undefined;
}

/**
 * Holds back half a UTF-8 character, and text that may turn out to be the start of a stop string.
 *
 * @throws JudgeDecodingError `invalid-option` for an empty stop string.
 */
export function createTextStream(
  tokenizer: Tokenizer,
  { stop = [], startsText = false }: TextStreamOptions = {},
): TextStream {
  if (stop.some((text) => text === '')) throw invalidOption('stop', 'strings of at least one character', '');
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  // an end token ends the text and is no part of it, also where it is an ordinary word
  const ends = new Set(tokenizer.endTokens);
  const specials = namedSpecials(tokenizer, stop);
  let atStart = startsText;
  let held: HeldText = NOTHING;
  let stopped: string | undefined;

  const release = (text: HeldText, isLast: boolean): string => {
    if (stopped !== undefined) return '';
    held = joined(held, text);
    const found = firstStop(held.text, stop);
    if (found !== undefined) {
      stopped = found.text;
      const shown = visible(held, found.at);
      held = NOTHING;
      return shown;
    }
    const safe = isLast ? held.text.length : held.text.length - longestStart(held.text, stop);
    const shown = visible(held, safe);
    held = { text: held.text.slice(safe), hidden: held.hidden.slice(safe) };
    return shown;
  };
  return {
    push(id) {
      const name = specials.get(id);
      if (name !== undefined) {
        const before = ordinary(decoder.decode());
        return release(joined(before, { text: name, hidden: new Array(name.length).fill(true) }), false);
      }
      const bytes = ends.has(id) ? new Uint8Array(0) : tokenizer.bytesOf(id);
      const text = decoder.decode(atStart ? withoutLeadingSpaces(tokenizer, id, bytes) : bytes, {
        stream: true,
      });
      if (bytes.length > 0) atStart = false;
      return release(ordinary(text), false);
    },
    finish: () => release(ordinary(decoder.decode()), true),
    get stopped() {
      return stopped;
    },
  };
}

/** Text that waits, and which of its characters are a special token's name, never to be shown. */
interface HeldText {
  readonly text: string;
  readonly hidden: readonly boolean[];
}

const NOTHING: HeldText = { text: '', hidden: [] };
const ordinary = (text: string): HeldText => ({ text, hidden: new Array(text.length).fill(false) });
const joined = (a: HeldText, b: HeldText): HeldText => ({
  text: a.text + b.text,
  hidden: [...a.hidden, ...b.hidden],
});

/** The first `length` characters, without hidden ones. */
function visible({ text, hidden }: HeldText, length: number): string {
  const shown = text.slice(0, length);
  if (!hidden.includes(true)) return shown;
  return shown
    .split('')
    .filter((_, i) => !hidden[i])
    .join('');
}

/** Decoding a token alone takes the tokenizer's own leading spaces away, where it has some. */
function withoutLeadingSpaces(tokenizer: Tokenizer, id: TokenId, bytes: Uint8Array): Uint8Array {
  const spaces = leadingSpaces(bytes);
  if (spaces === 0) return bytes;
  const kept = leadingSpaces(new TextEncoder().encode(tokenizer.decode([id])));
  return bytes.subarray(Math.max(0, spaces - kept));
}

function leadingSpaces(bytes: Uint8Array): number {
  const first = bytes.findIndex((byte) => byte !== 0x20);
  return first < 0 ? bytes.length : first;
}

/**
 * The stop string that is complete first, of several that end at the same place the longest: what
 * text pushed character by character would stop at, however it was cut into tokens.
 */
function firstStop(
  text: string,
  stop: readonly string[],
): { readonly at: number; readonly text: string } | undefined {
  let first: { at: number; text: string } | undefined;
  for (const candidate of stop) {
    const at = text.indexOf(candidate);
    if (at < 0) continue;
    const end = at + candidate.length;
    const firstEnd = first === undefined ? Number.POSITIVE_INFINITY : first.at + first.text.length;
    if (end < firstEnd || (end === firstEnd && at < first!.at)) first = { at, text: candidate };
  }
  return first;
}

/** Length of the longest end of `text` that begins a stop string without completing it. */
function longestStart(text: string, stop: readonly string[]): number {
  let longest = 0;
  for (const candidate of stop) {
    for (let length = Math.min(text.length, candidate.length - 1); length > longest; length--) {
      if (text.endsWith(candidate.slice(0, length))) longest = length;
    }
  }
  return longest;
}
