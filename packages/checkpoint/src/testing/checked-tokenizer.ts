import { makeTokenizer } from '../make-tokenizer.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { parseTokenizerFile } from '../tokenizer-json.ts';

/** The tokenizer of a parsed tokenizer.json alone, as a folder's without anything beside it. */
export function checkedTokenizer(json: Readonly<Record<string, unknown>>): Tokenizer {
  const file = parseTokenizerFile('tokenizer.json', json);
  return makeTokenizer({ file, chatTemplate: undefined, endTokens: [], beginToken: undefined });
}
