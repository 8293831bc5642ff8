import type { DraftSource, TokenId } from '@judge-decoding/core';
import type { ClauseContext } from './clause.ts';

/** One token in so many is another one. */
const SPOILED = 4;

/** Drafts along `text`, with some tokens replaced, so that rounds are accepted, rejected and both. */
export function spoiledDraft({ model, uniform }: ClauseContext, text: readonly TokenId[]): DraftSource {
  const { vocabSize, specialTokens } = model.info;
  return {
    name: 'a spoiled text',
    hasDistribution: false,
    async propose({ text: { length }, count }) {
      const tokens = text.slice(length, length + count).map((token) => {
        const spoil = Math.floor(uniform() * SPOILED) === 0;
        return spoil ? (token + 1 + Math.floor(uniform() * (vocabSize - 1))) % vocabSize : token;
      });
      // Special tokens would end the text where only a rule may.
      const special = tokens.findIndex((token) => specialTokens.includes(token));
      return { tokens: special < 0 ? tokens : tokens.slice(0, special) };
    },
  };
}
