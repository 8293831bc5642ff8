import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import { parseChatTemplate } from '../chat-template.ts';
import { makeTokenizer } from '../make-tokenizer.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { invalidGguf, shownValue } from './gguf-header.ts';
import { ggufTokenizerFile } from './gguf-tokenizer-file.ts';
import type { GgufValue } from './gguf-values.ts';
import { type GgufVocabulary, readVocabulary } from './gguf-vocabulary.ts';
import { metadataFields } from './metadata-fields.ts';

/** Under `tokenizer.ggml.`; the ids of tokens with a role are known by their ending. */
const KNOWN = [
  'model',
  'pre',
  'tokens',
  'token_type',
  'token_type_count',
  'scores',
  'merges',
  'add_bos_token',
  // a text that is to be continued gets no end, whatever the file says
  'add_eos_token',
  'add_sep_token',
  'add_space_prefix',
  'remove_extra_whitespaces',
  'precompiled_charsmap',
];

/**
 * Control tokens that end a text or a turn wherever they are part of a vocabulary: files name one
 * end token, and a model with a chat template knows another.
 */
const ENDS = [
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|im_end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|end|>',
  '<end_of_turn>',
  '</s>',
];

export interface GgufTokenizer {
  readonly tokenizer: Tokenizer;
  /** The token that texts may begin with, whether or not they do. */
  readonly beginToken: TokenId | undefined;
}

/** The tokenizer from a GGUF file's metadata: the same object as from a folder's tokenizer.json. */
export function ggufTokenizer(
  path: string,
  metadata: ReadonlyMap<string, GgufValue>,
  now: () => Date,
): GgufTokenizer {
  refuseUnknown(path, metadata);
  const fields = metadataFields(path, metadata);
  const vocabulary = readVocabulary(path, fields);
  const { file, begins } = ggufTokenizerFile(path, fields, vocabulary);
  const roleOf = (role: string) =>
    tokenOfRole(path, vocabulary, role, fields.number(`tokenizer.ggml.${role}_token_id`));
  const ids = { bos: roleOf('bos'), eos: roleOf('eos'), pad: roleOf('padding'), unk: roleOf('unknown') };
  const ends = [ids.eos, roleOf('eot'), roleOf('eom'), ...ENDS.map((text) => controlToken(vocabulary, text))];
  const names = Object.entries(ids).flatMap(([role, id]) =>
    id === undefined ? [] : [[`${role}_token`, vocabulary.byId(id)!.text]],
  );
  const template = fields.text('tokenizer.chat_template');
  const tokenizer = makeTokenizer({
    file,
    chatTemplate:
      template === undefined
        ? undefined
        : parseChatTemplate(path, template, { tokens: Object.fromEntries(names), now }),
    endTokens: [...new Set(ends)].filter((id) => id !== undefined),
    beginToken: begins ? ids.bos : undefined,
  });
  return { tokenizer, beginToken: ids.bos };
}

function refuseUnknown(path: string, metadata: ReadonlyMap<string, GgufValue>): void {
  const prefix = 'tokenizer.ggml.';
  for (const [key, value] of metadata) {
    if (!key.startsWith(prefix)) continue;
    const name = key.slice(prefix.length);
    if (KNOWN.includes(name) || /^[a-z_]+_token_id$/.test(name)) continue;
    throw new JudgeDecodingError(
      'unsupported',
      `\`${path}\` asks for \`${key}\` = ${shownValue(value)}, which is not supported. Nothing here knows this setting.`,
    );
  }
}

function tokenOfRole(
  path: string,
  { byId }: GgufVocabulary,
  role: string,
  id: number | undefined,
): TokenId | undefined {
  if (id === undefined || byId(id) !== undefined) return id;
  // what has no use here may point anywhere: some files say -1 for "none"
  if (role === 'padding' || role === 'unknown') return undefined;
  throw invalidGguf(path, `\`tokenizer.ggml.${role}_token_id\` is ${id}, which no token has`);
}

function controlToken({ byText }: GgufVocabulary, text: string): TokenId | undefined {
  const token = byText.get(text);
  return token?.kind === 'control' ? token.id : undefined;
}
