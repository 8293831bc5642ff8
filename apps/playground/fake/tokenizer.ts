import type { TokenId } from '@judge-decoding/core';
import type { PageTokenizer } from '../src/engine/models.ts';

/** 256 bytes, three specials, then words. */
const SPECIALS = ['<|user|>', '<|assistant|>', '<|end|>'] as const;
export const [USER, ASSISTANT, END] = [256, 257, 258] as const;

/** Words of a made-up world; what is none of them is spelt in bytes. */
export function fakeTokenizer(words: readonly string[]): PageTokenizer & { readonly size: number } {
  const ids = new Map(words.map((word, index) => [word, 259 + index]));
  const encoder = new TextEncoder();
  const bytesOf = (id: TokenId): Uint8Array => {
    if (id < 256) return Uint8Array.of(id);
    return encoder.encode(words[id - 259] ?? '');
  };
  const encode = (text: string): TokenId[] =>
    (text.match(/ ?[\p{L}]+|\d|\n|[^\p{L}\d\n]/gu) ?? []).flatMap((part) => {
      const id = ids.get(part);
      return id === undefined ? [...encoder.encode(part)] : [id];
    });
  return {
    size: 259 + words.length,
    specialTokens: [USER, ASSISTANT, END],
    hasChatTemplate: true,
    encode,
    encodeChat: (messages) => [
      ...messages.flatMap(({ content }) => [USER, ...encode(content), END]),
      ASSISTANT,
    ],
    decode: (tokens) =>
      new TextDecoder().decode(Uint8Array.from(tokens.flatMap((id) => [...(id === END ? [] : bytesOf(id))]))),
    bytesOf,
    vocabulary: (id) => (id >= 256 && id < 259 ? SPECIALS[id - 256] : new TextDecoder().decode(bytesOf(id))),
  };
}
