import type { TokenId } from '@judge-decoding/core';
import { invalidGguf } from './gguf-header.ts';
import type { MetadataFields } from './metadata-fields.ts';

/** What `tokenizer.ggml.token_type` says of a token. */
export type TokenKind = 'normal' | 'unknown' | 'control' | 'user-defined' | 'unused' | 'byte';

const KINDS: Readonly<Record<number, TokenKind>> = {
  1: 'normal',
  2: 'unknown',
  3: 'control',
  4: 'user-defined',
  5: 'unused',
  6: 'byte',
};

/** Four times the largest vocabulary in use. */
export const MAX_TOKENS = 2 ** 20;

export interface GgufToken {
  readonly id: TokenId;
  readonly text: string;
  readonly kind: TokenKind;
}

/**
 * The tokens of a file, by id and by text. Converters fill the rows of the embedding that belong
 * to no token with placeholders, `[PAD<id>]` of kind unused; those are left out.
 */
export interface GgufVocabulary {
  readonly tokens: readonly GgufToken[];
  readonly byText: ReadonlyMap<string, GgufToken>;
  /** `undefined` for what no token has. */
  byId(id: TokenId): GgufToken | undefined;
}

export function readVocabulary(path: string, fields: MetadataFields): GgufVocabulary {
  const texts = fields.strings('tokenizer.ggml.tokens', MAX_TOKENS);
  const kinds = fields.numbers('tokenizer.ggml.token_type', MAX_TOKENS);
  if (texts === undefined || texts.length === 0) throw invalidGguf(path, 'it has no `tokenizer.ggml.tokens`');
  if (kinds?.length !== texts.length) {
    throw invalidGguf(
      path,
      `it has ${texts.length} tokens, and ${kinds?.length ?? 0} kinds in \`tokenizer.ggml.token_type\``,
    );
  }
  const tokens: GgufToken[] = [];
  const byText = new Map<string, GgufToken>();
  const byId: (GgufToken | undefined)[] = new Array(texts.length).fill(undefined);
  for (const [id, text] of texts.entries()) {
    const kind = KINDS[kinds[id]!];
    if (kind === undefined) throw invalidGguf(path, `token ${id} is of the unknown kind ${kinds[id]}`);
    if (kind === 'unused' && text === `[PAD${id}]`) continue;
    const twin = byText.get(text);
    if (twin !== undefined) throw invalidGguf(path, `tokens ${twin.id} and ${id} have the same text`);
    const token: GgufToken = { id, text, kind };
    tokens.push(token);
    byText.set(text, token);
    byId[id] = token;
  }
  return { tokens, byText, byId: (id) => byId[id] };
}

/** The same vocabulary with these tokens of kind control: files type end tokens as normal or user-defined now and then. */
export function withControlTokens(vocabulary: GgufVocabulary, texts: ReadonlySet<string>): GgufVocabulary {
  const tokens = vocabulary.tokens.map(
    (token): GgufToken =>
      texts.has(token.text) && token.kind !== 'control' ? { ...token, kind: 'control' } : token,
  );
  const byId = new Map(tokens.map((token) => [token.id, token]));
  return {
    tokens,
    byText: new Map(tokens.map((token) => [token.text, token])),
    byId: (id) => byId.get(id),
  };
}

/** Read as such only where a template writes them; in text they are text. */
export const isSpecial = ({ kind }: GgufToken) => kind === 'control' || kind === 'unknown';
/** Part of the vocabulary that text is made of. */
export const isOrdinary = (token: GgufToken) => !isSpecial(token) && token.kind !== 'user-defined';
