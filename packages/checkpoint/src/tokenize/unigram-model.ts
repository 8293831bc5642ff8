import type { TokenId } from '@judge-decoding/core';
import { bytesOf, type Model } from './bpe-model.ts';

export interface UnigramParts {
  /** Without what only special tokens may be. */
  readonly vocab: ReadonlyMap<string, TokenId>;
  /** Log-probability of each id. */
  readonly scores: Float64Array;
  readonly unknown: TokenId | undefined;
  readonly byteFallback: boolean;
}

/** How much worse than the worst token a character without one is. */
const UNKNOWN_PENALTY = 10;

/**
 * The most likely tokens of a text under a unigram language model (Kudo 2018), by Viterbi's
 * algorithm. Unknown characters in a row are one unknown token.
 */
export function unigramModel({ vocab, scores, unknown, byteFallback }: UnigramParts): Model {
  let longest = 0;
  for (const token of vocab.keys()) longest = Math.max(longest, token.length);
  const unknownScore = scores.reduce((least, score) => Math.min(least, score), Infinity) - UNKNOWN_PENALTY;

  return (piece) => {
    const size = piece.length;
    const best = new Float64Array(size + 1);
    /** Where the best last token of the text up to here starts; -1 where none has come yet. */
    const starts = new Int32Array(size + 1).fill(-1);
    const ids = new Int32Array(size + 1);
    const offer = (from: number, to: number, score: number, id: TokenId) => {
      const total = score + best[from]!;
      if (starts[to] !== -1 && !(total > best[to]!)) return;
      best[to] = total;
      starts[to] = from;
      ids[to] = id;
    };
    for (let from = 0; from < size; ) {
      const width = piece.codePointAt(from)! > 0xffff ? 2 : 1;
      let single = false;
      for (let to = from + width; to <= size && to - from <= longest; to++) {
        const id = vocab.get(piece.slice(from, to));
        if (id === undefined) continue;
        offer(from, to, scores[id]!, id);
        if (to === from + width) single = true;
      }
      if (!single) offer(from, from + width, unknownScore, unknown ?? -1);
      from += width;
    }
    return tokens(piece, starts, ids);
  };

  function tokens(piece: string, starts: Int32Array, ids: Int32Array): TokenId[] {
    const parts: { from: number; readonly to: number; readonly id: TokenId }[] = [];
    for (let to = piece.length; to > 0; to = starts[to]!) {
      const id = ids[to]!;
      const after = parts.at(-1);
      const fuses = after !== undefined && isUnknown(id) && isUnknown(after.id);
      if (fuses) after.from = starts[to]!;
      else parts.push({ from: starts[to]!, to, id });
    }
    return parts.reverse().flatMap(({ from, to, id }) => {
      if (!isUnknown(id)) return [id];
      const text = piece.slice(from, to);
      // unknown characters together may still be a token
      const known = vocab.get(text) ?? (byteFallback ? bytesOf(text, vocab) : undefined);
      return known ?? (unknown === undefined ? [] : [unknown]);
    });
  }

  function isUnknown(id: TokenId): boolean {
    return id === -1 || id === unknown;
  }
}
