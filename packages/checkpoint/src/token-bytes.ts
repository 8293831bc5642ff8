import { characterBytes } from './byte-characters.ts';

/**
 * How a vocabulary writes bytes. `byte-level`: every character stands for a byte. `spaced`:
 * tokens are text with ▁ for the space, and in most `<0x0A>` for a byte.
 */
export type ByteScheme =
  | { readonly kind: 'byte-level' }
  | {
      readonly kind: 'spaced';
      readonly bytes: boolean;
      /**
       * Spaces that decoding takes away at a text's start, where encoding has put them: so many, or
       * all that the first token has.
       */
      readonly leadingSpaces: number | 'first token';
    };

const encoder = new TextEncoder();

/** The bytes that an ordinary token of a vocabulary stands for. */
export function tokenBytes(token: string, scheme: ByteScheme): Uint8Array {
  if (scheme.kind === 'spaced') {
    const byte = scheme.bytes ? /^<0x([0-9A-Fa-f]{2})>$/.exec(token) : null;
    return byte === null
      ? encoder.encode(token.replaceAll('\u2581', ' '))
      : Uint8Array.of(Number.parseInt(byte[1]!, 16));
  }
  const bytes = new Uint8Array(token.length);
  for (let i = 0; i < token.length; i++) {
    const byte = characterBytes.get(token[i]!);
    // a token from outside the scheme is its own text, as in Hugging Face's decoder
    if (byte === undefined) return encoder.encode(token);
    bytes[i] = byte;
  }
  return bytes;
}
