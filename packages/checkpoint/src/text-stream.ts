import { invalidOption, type TokenId } from '@judge-decoding/core';
import type { Tokenizer } from './tokenizer.ts';

export interface TextStreamOptions {
  /** The text ends before the first of these to be complete in it, across tokens or inside one. */
  readonly stop?: readonly string[];
  /**
   * Whether the first token pushed starts a text of its own. Then a leading space that belongs to
   * the tokenizer (SentencePiece's) is not shown. Off: what is pushed goes on from a prompt.
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

/** Holds back half a UTF-8 character, and text that may turn out to be the start of a stop string. */
export function createTextStream(
  tokenizer: Tokenizer,
  { stop = [], startsText = false }: TextStreamOptions = {},
): TextStream {
  if (stop.some((text) => text === '')) throw invalidOption('stop', 'strings of at least one character', '');
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  // an end token ends the text and is no part of it, also where it is an ordinary word
  const ends = new Set(tokenizer.endTokens);
  let atStart = startsText;
  let held = '';
  let stopped: string | undefined;

  const release = (text: string, isLast: boolean): string => {
    if (stopped !== undefined) return '';
    held += text;
    const found = firstStop(held, stop);
    if (found !== undefined) {
      stopped = found.text;
      const shown = held.slice(0, found.at);
      held = '';
      return shown;
    }
    const safe = isLast ? held.length : held.length - longestStart(held, stop);
    const shown = held.slice(0, safe);
    held = held.slice(safe);
    return shown;
  };
  return {
    push(id) {
      const bytes = ends.has(id) ? new Uint8Array(0) : tokenizer.bytesOf(id);
      const text = decoder.decode(atStart ? withoutLeadingSpace(tokenizer, id, bytes) : bytes, {
        stream: true,
      });
      if (bytes.length > 0) atStart = false;
      return release(text, false);
    },
    finish: () => release(decoder.decode(), true),
    get stopped() {
      return stopped;
    },
  };
}

/** Decoding a token alone takes the tokenizer's own leading space away, where it has one. */
function withoutLeadingSpace(tokenizer: Tokenizer, id: TokenId, bytes: Uint8Array): Uint8Array {
  const cut = bytes[0] === 0x20 && !tokenizer.decode([id]).startsWith(' ');
  return cut ? bytes.subarray(1) : bytes;
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
