import { makeTokenizer } from '../make-tokenizer.ts';
import { NormalText } from '../tokenize/normal-text.ts';
import { normalizer } from '../tokenize/normalizers.ts';
import { preTokenizer } from '../tokenize/pre-tokenizers.ts';
import { refuseIn } from '../tokenize/unsupported.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { parseTokenizerFile } from '../tokenizer-json.ts';

/** The tokenizer of a parsed tokenizer.json alone, as a folder's without anything beside it. */
export function checkedTokenizer(json: Readonly<Record<string, unknown>>): Tokenizer {
  const file = parseTokenizerFile('tokenizer.json', json);
  return makeTokenizer({ file, chatTemplate: undefined, endTokens: [], beginToken: undefined });
}

/** A tokenizer.json's normalizer and pre-tokenizer by themselves. */
export function checkedSteps(json: Readonly<Record<string, unknown>>) {
  const refuse = refuseIn('tokenizer.json');
  const steps = normalizer(json.normalizer, refuse);
  const pieces = preTokenizer(json.pre_tokenizer, refuse);
  return {
    normalize: (text: string): string => steps(new NormalText(text)).text,
    cut: (text: string): string[] => pieces(new NormalText(text)).map((piece) => piece.text),
  };
}
