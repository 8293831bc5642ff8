import { type TokenId, utf8Decode, utf8Encode } from '@judge-decoding/core';
import type { TokenPiece, TracedRound } from './trace.ts';

/** What is asked of a tokenizer; `checkpoint`'s fits. */
export interface PieceSource {
  readonly specialTokens: readonly TokenId[];
  /** The bytes a token adds to a text; none for special tokens. */
  bytesOf(id: TokenId): Uint8Array;
  /** The token as the vocabulary writes it. */
  vocabulary(id: TokenId): string | undefined;
}

/** What one token adds to a text. */
export function pieceOf(id: TokenId, source: PieceSource): TokenPiece {
  if (source.specialTokens.includes(id)) return { special: source.vocabulary(id) ?? `#${id}` };
  const bytes = source.bytesOf(id);
  try {
    return utf8Decode(bytes);
  } catch {
    return { hex: Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('') };
  }
}

/** The pieces of all tokens that rounds mention. */
export function piecesOf(
  prompt: readonly TokenId[],
  rounds: readonly TracedRound[],
  source: PieceSource,
): Record<string, TokenPiece> {
  const pieces: Record<string, TokenPiece> = {};
  const add = (id: TokenId) => {
    pieces[id] ??= pieceOf(id, source);
  };
  for (const id of prompt) add(id);
  for (const round of rounds) for (const id of tokensIn(round)) add(id);
  return pieces;
}

/** Every token that a round mentions. */
export function tokensIn({ draft, tokens, rows }: TracedRound): readonly TokenId[] {
  const ids = new Set(draft);
  for (const { id } of tokens) ids.add(id);
  for (const { choice, top } of rows) {
    ids.add(choice);
    for (const [id] of top) ids.add(id);
  }
  return [...ids];
}

/** The bytes of a piece; a special token has none. */
export function bytesOfPiece(piece: TokenPiece | undefined): Uint8Array {
  if (typeof piece === 'string') return utf8Encode(piece);
  if (piece === undefined || 'special' in piece) return new Uint8Array(0);
  return Uint8Array.from(piece.hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}
