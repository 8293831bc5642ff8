import { type Acceptance, conditionalRates } from '../drafts/acceptance.ts';
import type { DraftSource } from '../drafts/draft.ts';
import type { TokenwiseBase } from './rule.ts';

/**
 * Accepts drafted tokens by chance as `acceptance` says, whatever they are: for timings without a
 * good draft. What it writes means nothing, and nothing measured with it is quality. Not lossless.
 */
export function synthetic(acceptance: Acceptance): TokenwiseBase {
  let rates: readonly number[] = [];
  return {
    kind: 'token-wise',
    name: 'synthetic',
    needs: { target: { argmax: true }, draft: 'nothing' },
    decoding: 'either',
    lossless: false,
    accepts(round, index) {
      if (index >= rates.length) rates = conditionalRates(acceptance, round.draft.length);
      return round.uniform(round.text.length + index, 'accept') < rates[index]!;
    },
    recovered: (round, index) => round.target.argmax(index),
    bonus: (round) => round.target.argmax(round.draft.length),
  };
}

/** Proposes the text's last token over and over, at no cost: a draft for `synthetic` where there is no model. */
export const repeatedToken = (): DraftSource => ({
  name: 'a repeated token',
  hasDistribution: false,
  propose: async ({ text, count }) => ({ tokens: Array<number>(count).fill(text.at(-1)!) }),
});
