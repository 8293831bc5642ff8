import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import { parseChatTemplate } from '../chat-template.ts';
import { makeTokenizer } from '../make-tokenizer.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { endsByName, FILL_IN_ROLES } from './ends-by-name.ts';
import { invalidGguf, shownValue } from './gguf-header.ts';
import { ggufTokenizerFile } from './gguf-tokenizer-file.ts';
import type { GgufValue } from './gguf-values.ts';
import { type GgufVocabulary, readVocabulary, withControlTokens } from './gguf-vocabulary.ts';
import { type MetadataFields, metadataFields } from './metadata-fields.ts';

/** More end tokens than any model has. */
const MAX_ENDS = 1024;

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
  'add_mask_token',
  'eos_token_ids',
  'add_space_prefix',
  'remove_extra_whitespaces',
  'precompiled_charsmap',
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
  const read = readVocabulary(path, fields);
  const fillIn = FILL_IN_ROLES.map((role) => {
    const id = fields.number(`tokenizer.ggml.${role}_token_id`);
    return id === undefined ? undefined : read.byId(id)?.text;
  });
  const named = endsByName(read.byText, fillIn);
  const declared = fields.numbers('tokenizer.ggml.eos_token_ids', MAX_ENDS) ?? [];
  const ids = {
    bos: tokenOfRole(path, read, 'bos', fields),
    eos: tokenOfRole(path, read, 'eos', fields),
    pad: tokenOfRole(path, read, 'padding', fields),
    unk: tokenOfRole(path, read, 'unknown', fields),
  };
  const roles = ['eot', 'eom'].map((role) => tokenOfRole(path, read, role, fields));
  const ends = [
    ids.eos,
    ...declared.map((id) => requireToken(path, read, 'eos_token_ids', id)),
    ...roles,
  ].filter((id) => id !== undefined);
  const texts = new Set([...named, ...ends.map((id) => read.byId(id)!.text)]);
  const vocabulary = withControlTokens(read, texts);
  const { file, begins } = ggufTokenizerFile(path, fields, vocabulary);
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
    endTokens: [...new Set([...ends, ...[...named].map((text) => vocabulary.byText.get(text)!.id)])],
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
  vocabulary: GgufVocabulary,
  role: string,
  fields: MetadataFields,
): TokenId | undefined {
  const id = fields.number(`tokenizer.ggml.${role}_token_id`);
  if (id === undefined || vocabulary.byId(id) !== undefined) return id;
  // what has no use here may point anywhere: some files say -1 for "none"
  if (role === 'padding' || role === 'unknown') return undefined;
  return requireToken(path, vocabulary, `${role}_token_id`, id);
}

function requireToken(path: string, { byId }: GgufVocabulary, key: string, id: number): TokenId {
  if (byId(id) !== undefined) return id;
  throw invalidGguf(path, `\`tokenizer.ggml.${key}\` is ${id}, which no token has`);
}
