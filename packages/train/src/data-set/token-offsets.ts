import { JudgeDecodingError, type TokenId, utf8Encode } from '@judge-decoding/core';

/** What is needed of a tokenizer; those of `@judge-decoding/checkpoint` fit. */
export interface OffsetTokenizer {
  encode(text: string): readonly TokenId[];
  bytesOf(token: TokenId): Uint8Array;
}

/** A text as tokens, and where each lies in it. */
export interface TokenOffsets {
  readonly tokens: readonly TokenId[];
  /**
   * Where each token begins and ends, in UTF-16 code units; a token that holds only a part of a
   * character has that whole character, so neighbours may overlap. [tokens]
   */
  readonly spans: readonly { readonly start: number; readonly end: number }[];
}

/**
 * Encodes a text and finds each token's place by the bytes it stands for. A tokenizer that puts a
 * space in front of a text is allowed for; one that changes the text in another way (it drops
 * accents, say) is an error of code `mismatch` that names the place: no offset would be sure.
 */
export function tokenOffsets(text: string, tokenizer: OffsetTokenizer): TokenOffsets {
  const tokens = tokenizer.encode(text);
  const pieces = tokens.map((token) => tokenizer.bytesOf(token));
  const bytes = utf8Encode(text);
  const total = pieces.reduce((sum, piece) => sum + piece.length, 0);
  // SentencePiece writes a space before the first word
  const shift = total === bytes.length + 1 && pieces.find(({ length }) => length > 0)?.[0] === 0x20 ? 1 : 0;
  const unitAt = unitOfByte(text, bytes.length);
  let at = -shift;
  const spans = pieces.map((piece, i) => {
    const from = Math.max(0, at);
    for (const byte of piece) {
      if (at >= 0 && bytes[at] !== byte) throw changed(text, unitAt[Math.min(at, bytes.length)]!, i);
      at++;
    }
    const start = unitAt[from]!;
    // the end of the character that holds the last byte
    let end = Math.max(0, at);
    while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end++;
    return { start, end: Math.max(start, unitAt[end]!) };
  });
  if (at !== bytes.length)
    throw changed(text, unitAt[Math.max(0, Math.min(at, bytes.length))]!, tokens.length);
  return { tokens, spans };
}

/** For every byte the code unit at which its character begins, and the text's length at the end. */
function unitOfByte(text: string, length: number): Int32Array {
  const units = new Int32Array(length + 1);
  let byte = 0;
  let unit = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    // what is half a pair is written as U+FFFD, three bytes
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units.fill(unit, byte, byte + size);
    byte += size;
    unit += character.length;
  }
  units[length] = text.length;
  return units;
}

function changed(text: string, at: number, token: number): JudgeDecodingError {
  return new JudgeDecodingError(
    'mismatch',
    `Expected the tokenizer to keep the text, but token ${token} is not what stands at ${at} (${JSON.stringify(text.slice(at, at + 20))}): offsets cannot be mapped. Write the text as the tokenizer normalises it.`,
  );
}
