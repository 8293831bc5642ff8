import type { TokenId } from '../backend.ts';
import { invalidOption } from '../errors.ts';
import { utf8Encode } from '../utf8.ts';

/** What ends a text besides the model's own end tokens. */
export interface StopConditions {
  /** Extra tokens that end the text; they are committed, as end tokens are. */
  readonly tokens?: readonly TokenId[];
  /** The text ends with the token that completes one of these; what is shown is cut before it. */
  readonly strings?: readonly string[];
  /** The bytes a token adds to the text; needed for `strings`. */
  readonly bytesOf?: (token: TokenId) => Uint8Array;
}

/** Follows the generated text byte by byte, so that a stop string may span tokens and characters. */
export interface StopMatcher {
  /** Index in `tokens` of the first one that completes a stop string after the text so far, or -1. */
  find(tokens: readonly TokenId[]): number;
  /** Adds committed tokens to the text so far. */
  push(tokens: readonly TokenId[]): void;
}

/**
 * Looks for stop strings in the bytes of a text's tokens, from one token into the next; `push` what was
 * committed, `find` in what is about to be.
 *
 * @throws JudgeDecodingError `invalid-option` for an empty string, or strings without `bytesOf`.
 */
export function stopMatcher({ strings = [], bytesOf }: StopConditions): StopMatcher {
  if (strings.length === 0) return { find: () => -1, push: () => undefined };
  if (bytesOf === undefined)
    throw invalidOption('stop.bytesOf', 'given where there are stop strings', bytesOf);
  const wanted = strings.map((string) => {
    if (string.length === 0) throw invalidOption('stop.strings', 'non-empty texts', string);
    return utf8Encode(string);
  });
  const reach = Math.max(...wanted.map(({ length }) => length)) - 1;
  // only the last bytes can still become part of a stop string
  let tail: number[] = [];
  const endsWith = (bytes: readonly number[], end: number, needle: Uint8Array) =>
    end >= needle.length && needle.every((byte, i) => bytes[end - needle.length + i] === byte);
  return {
    find(tokens) {
      const bytes = [...tail];
      for (const [index, token] of tokens.entries()) {
        for (const byte of bytesOf(token)) {
          bytes.push(byte);
          if (wanted.some((needle) => endsWith(bytes, bytes.length, needle))) return index;
        }
      }
      return -1;
    },
    push(tokens) {
      for (const token of tokens) tail.push(...bytesOf(token));
      tail = reach === 0 ? [] : tail.slice(-reach);
    },
  };
}
