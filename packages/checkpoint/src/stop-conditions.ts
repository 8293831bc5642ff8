import { invalidOption, type StopConditions, type TokenId } from '@judge-decoding/core';
import type { Tokenizer } from './tokenizer.ts';

/**
 * What ends a text besides the model's own end tokens, from texts as people write them: one that is
 * a special token's name stops on that token, and one that has such names in it on the token among
 * the text around it. Spelt out in ordinary letters they stop, too.
 *
 * @throws JudgeDecodingError `invalid-option` for an empty text
 */
export function stopConditions(tokenizer: Tokenizer, texts: readonly string[]): StopConditions {
  if (texts.some((text) => text === '')) {
    throw invalidOption('stop', 'texts of at least one character', '');
  }
  if (texts.length === 0) return {};
  const named = namedSpecials(tokenizer, texts);
  const tokens = [...named].filter(([, name]) => texts.includes(name)).map(([id]) => id);
  return {
    strings: texts,
    bytesOf: (id) => {
      const name = named.get(id);
      return name === undefined ? tokenizer.bytesOf(id) : new TextEncoder().encode(name);
    },
    ...(tokens.length === 0 ? {} : { tokens }),
  };
}

/** The special tokens whose names are in these texts. */
export function namedSpecials(tokenizer: Tokenizer, texts: readonly string[]): ReadonlyMap<TokenId, string> {
  const named = new Map<TokenId, string>();
  for (const id of tokenizer.specialTokens) {
    const name = tokenizer.vocabulary(id);
    if (name !== undefined && texts.some((text) => text.includes(name))) named.set(id, name);
  }
  return named;
}
