import { type Cuts, tokenOffsets } from '../data-set/index.ts';
import type { AnswerTokenizer } from './writer.ts';

/** Where a tokenizer cuts a text, for showing it without the tokenizer. */
export const cutsOf = (text: string, tokenizer: AnswerTokenizer): Cuts => ({
  tokenizer: tokenizer.fingerprint,
  starts: tokenOffsets(text, tokenizer).spans.map(({ start }) => start),
});
