import type { TokenId } from '@judge-decoding/core';
import type { Tokenizer } from './tokenizer.ts';

/** Where two vocabularies part. `undefined` where one of them has no such token. */
export interface VocabularyDifference {
  readonly id: TokenId;
  readonly first: string | undefined;
  readonly second: string | undefined;
}

/**
 * The first token id that means different things to two tokenizers, `undefined` where every id
 * means the same: same bytes, both special or neither. Draft and target must agree on all of it.
 */
export function firstDifference(first: Tokenizer, second: Tokenizer): VocabularyDifference | undefined {
  if (first.fingerprint === second.fingerprint) return undefined;
  const specials = [new Set(first.specialTokens), new Set(second.specialTokens)] as const;
  const count = Math.max(first.tokenCount, second.tokenCount);
  for (let id = 0; id < count; id++) {
    const names = [first.vocabulary(id), second.vocabulary(id)] as const;
    const bothSpecial = specials[0].has(id) && specials[1].has(id);
    const sameKind = specials[0].has(id) === specials[1].has(id);
    const bothThere = names[0] !== undefined && names[1] !== undefined;
    // names may differ where bytes do not: the same token from another file format
    const same = bothThere
      ? sameKind && (bothSpecial ? names[0] === names[1] : sameBytes(first.bytesOf(id), second.bytesOf(id)))
      : names[0] === names[1];
    if (!same) return { id, first: names[0], second: names[1] };
  }
  return undefined;
}

const sameBytes = (a: Uint8Array, b: Uint8Array) =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);
