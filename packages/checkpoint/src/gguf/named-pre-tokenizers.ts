import { JudgeDecodingError } from '@judge-decoding/core';
import { shown } from '../json-file.ts';

type Json = Readonly<Record<string, unknown>>;

/** How a byte-level vocabulary's makers cut text, as their tokenizer.json says it. */
export interface NamedPreTokenizer {
  readonly normalizer: Json | null;
  readonly preTokenizer: Json;
  /** Whether a word that is a token stays whole, even where no merges lead to it. */
  readonly ignoreMerges: boolean;
  /** Whether a text begins with the begin token where the file does not say. */
  readonly begins: boolean;
}

const byteLevel = (useRegex: boolean): Json => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: useRegex,
});
const sequence = (...pretokenizers: readonly Json[]): Json => ({ type: 'Sequence', pretokenizers });
const split = (regex: string): Json =>
  sequence(
    { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false },
    byteLevel(false),
  );

const CONTRACTIONS = "(?i:'s|'t|'re|'ve|'m|'ll|'d)";
const WORDS = '[^\\r\\n\\p{L}\\p{N}]?\\p{L}+';
const REST = ' ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

const LLAMA3: NamedPreTokenizer = {
  normalizer: null,
  preTokenizer: split(`${CONTRACTIONS}|${WORDS}|\\p{N}{1,3}|${REST}`),
  ignoreMerges: true,
  begins: true,
};
const QWEN2: NamedPreTokenizer = {
  // the file does not say so, the model's own tokenizer composes characters first
  normalizer: { type: 'NFC' },
  preTokenizer: split(`${CONTRACTIONS}|${WORDS}|\\p{N}|${REST}`),
  ignoreMerges: false,
  begins: false,
};
const SMOLLM: NamedPreTokenizer = {
  normalizer: null,
  preTokenizer: sequence({ type: 'Digits', individual_digits: true }, byteLevel(true)),
  ignoreMerges: false,
  begins: false,
};
const GPT2: NamedPreTokenizer = {
  normalizer: null,
  preTokenizer: byteLevel(true),
  ignoreMerges: false,
  begins: false,
};

/** By the names in `tokenizer.ggml.pre`. */
const NAMED: Readonly<Record<string, NamedPreTokenizer>> = {
  'llama-bpe': LLAMA3,
  'llama-v3': LLAMA3,
  llama3: LLAMA3,
  qwen2: QWEN2,
  smollm: SMOLLM,
  'gpt-2': GPT2,
};

export function namedPreTokenizer(path: string, name: string | undefined): NamedPreTokenizer {
  const named = name !== undefined && Object.hasOwn(NAMED, name) ? NAMED[name] : undefined;
  if (named !== undefined) return named;
  const asks =
    name === undefined
      ? 'does not name its `tokenizer.ggml.pre`'
      : `asks for \`tokenizer.ggml.pre\` = ${shown(name)}`;
  throw new JudgeDecodingError(
    'unsupported',
    `\`${path}\` ${asks}, so how it cuts text is not known. Known are ${Object.keys(NAMED).join(', ')}: use another file, or the model's folder.`,
  );
}
