import { JudgeDecodingError } from '@judge-decoding/core';
import { shown } from '../json-file.ts';
import { parseTokenizerFile, type TokenizerFile } from '../tokenizer-json.ts';
import { invalidGguf } from './gguf-header.ts';
import { type GgufVocabulary, isOrdinary, isSpecial, MAX_TOKENS } from './gguf-vocabulary.ts';
import type { MetadataFields } from './metadata-fields.ts';
import { namedPreTokenizer } from './named-pre-tokenizers.ts';
import { sentencePieceMerges } from './sentencepiece-merges.ts';

/** Vocabularies have about as many merges as tokens. */
const MAX_MERGES = 2 * MAX_TOKENS;

type Json = Readonly<Record<string, unknown>>;

/** The tokenizer.json that a GGUF file's vocabulary would have, and whether its texts begin with the begin token. */
export function ggufTokenizerFile(
  path: string,
  fields: MetadataFields,
  vocabulary: GgufVocabulary,
): { readonly file: TokenizerFile; readonly begins: boolean } {
  const model = fields.text('tokenizer.ggml.model');
  switch (model) {
    case 'gpt2':
      return byteLevelFile(path, fields, vocabulary);
    case 'llama':
      return sentencePieceFile(path, fields, vocabulary);
    default:
      throw refuse(path, 'tokenizer.ggml.model', model, 'Supported are `gpt2` and `llama`.');
  }
}

const refuse = (path: string, key: string, value: unknown, supported: string) =>
  new JudgeDecodingError(
    'unsupported',
    `\`${path}\` asks for \`${key}\` = ${shown(value)}, which is not supported. ${supported}`,
  );

function byteLevelFile(path: string, fields: MetadataFields, vocabulary: GgufVocabulary) {
  const { normalizer, preTokenizer, ignoreMerges, begins } = namedPreTokenizer(
    path,
    fields.text('tokenizer.ggml.pre'),
  );
  if (fields.flag('tokenizer.ggml.add_space_prefix') === true) {
    throw refuse(path, 'tokenizer.ggml.add_space_prefix', true, 'Use a byte-level model without it.');
  }
  const merges = fields.strings('tokenizer.ggml.merges', MAX_MERGES);
  if (merges === undefined) throw invalidGguf(path, 'it has no `tokenizer.ggml.merges`');
  const pairs = merges.map((merge) => {
    const cut = merge.indexOf(' ', 1);
    const pair = [merge.slice(0, cut), merge.slice(cut + 1)] as const;
    // a merge into nothing would lose text
    if (cut < 0 || !vocabulary.byText.has(pair.join(''))) {
      throw invalidGguf(path, `the merge ${shown(merge)} does not lead to a token`);
    }
    return pair;
  });
  const file = tokenizerFile(path, vocabulary, {
    normalizer,
    preTokenizer,
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { ignore_merges: ignoreMerges, merges: pairs },
  });
  return { file, begins: fields.flag('tokenizer.ggml.add_bos_token') ?? begins };
}

const MARK = '\u2581';

function sentencePieceFile(path: string, fields: MetadataFields, vocabulary: GgufVocabulary) {
  for (const key of ['tokenizer.ggml.remove_extra_whitespaces', 'tokenizer.ggml.precompiled_charsmap']) {
    if (fields.has(key) && !isOff(fields, key)) {
      throw refuse(path, key, 'on', 'Use a model whose tokenizer takes text as it is.');
    }
  }
  const scores = fields.numbers('tokenizer.ggml.scores', MAX_TOKENS);
  const lastId = vocabulary.tokens.at(-1)?.id ?? -1;
  if (scores === undefined || scores.length <= lastId) {
    throw invalidGguf(path, `it has ${scores?.length ?? 0} \`tokenizer.ggml.scores\` for its tokens`);
  }
  const missing = Array.from({ length: 256 }, (_, byte) => byteToken(byte)).find(
    (text) => vocabulary.byText.get(text)?.kind !== 'byte',
  );
  if (missing !== undefined) throw invalidGguf(path, `it has no byte token \`${missing}\``);
  const prefix = fields.flag('tokenizer.ggml.add_space_prefix') ?? true;
  const spaces: Json = { type: 'Replace', pattern: { String: ' ' }, content: MARK };
  const decoder: Json[] = [
    { type: 'Replace', pattern: { String: MARK }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
  ];
  const unknown = vocabulary.tokens.find(({ kind }) => kind === 'unknown');
  const file = tokenizerFile(path, vocabulary, {
    normalizer: prefix
      ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: MARK }, spaces] }
      : spaces,
    preTokenizer: null,
    decoder: {
      type: 'Sequence',
      decoders: prefix ? [...decoder, { type: 'Strip', content: ' ', start: 1, stop: 0 }] : decoder,
    },
    model: {
      merges: sentencePieceMerges(path, vocabulary, scores),
      byte_fallback: true,
      fuse_unk: true,
      unk_token: unknown?.text ?? null,
    },
  });
  return { file, begins: fields.flag('tokenizer.ggml.add_bos_token') ?? true };
}

const byteToken = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;

/** A flag that is false, or a table of nothing. */
function isOff(fields: MetadataFields, key: string): boolean {
  return key.endsWith('charsmap') ? fields.numbers(key, 2 ** 22)?.length === 0 : fields.flag(key) === false;
}

function tokenizerFile(
  path: string,
  { tokens }: GgufVocabulary,
  parts: {
    readonly normalizer: Json | null;
    readonly preTokenizer: Json | null;
    readonly decoder: Json;
    readonly model: Json;
  },
): TokenizerFile {
  const added = tokens.filter((token) => !isOrdinary(token));
  return parseTokenizerFile(path, {
    added_tokens: added.map((token) => ({
      id: token.id,
      content: token.text,
      special: isSpecial(token),
      normalized: false,
    })),
    normalizer: parts.normalizer,
    pre_tokenizer: parts.preTokenizer,
    post_processor: null,
    decoder: parts.decoder,
    model: {
      type: 'BPE',
      ...parts.model,
      vocab: new Map(tokens.filter(isOrdinary).map(({ text, id }) => [text, id])),
    },
  });
}
