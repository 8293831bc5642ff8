import type { TokenId } from '@judge-decoding/core';
import { isObject } from './json-file.ts';
import { type AddedToken, addedToken, type TokenizerFile } from './tokenizer-json.ts';

type Json = Readonly<Record<string, unknown>>;

/** `bos_token` and its kin, written as a string or as an object with `content`. */
export function namedTokens(config: Json): Readonly<Record<string, string>> {
  const tokens: Record<string, string> = {};
  for (const [name, value] of Object.entries(config)) {
    if (!name.endsWith('_token')) continue;
    const content = isObject(value) ? value.content : value;
    if (typeof content === 'string' && content !== '') tokens[name] = content;
  }
  return tokens;
}

export function idOf({ vocab, added }: TokenizerFile, content: string | undefined): TokenId | undefined {
  if (content === undefined) return undefined;
  return added.find((token) => token.content === content)?.id ?? vocab.get(content);
}

/**
 * The tokenizer with the tokens that tokenizer_config.json adds, as transformers puts them together:
 * `added_tokens_decoder` goes before tokenizer.json's own list, and a token with a role (begin, end,
 * unknown …) is special whatever its entry says.
 */
export function withNamedTokens(
  file: TokenizerFile,
  config: Json,
  roles: Readonly<Record<string, string>>,
  endTokens: readonly TokenId[],
): TokenizerFile {
  const added = new Map(file.added.map((token) => [token.id, token]));
  for (const token of decoderEntries(config.added_tokens_decoder)) {
    const known = file.vocab.get(token.content);
    const taken = added.get(token.id);
    // an entry that contradicts the vocabulary is not the one that the model was made with
    if (known !== undefined && known !== token.id) continue;
    if (taken === undefined || taken.content === token.content) added.set(token.id, token);
  }
  const withDecoder = { ...file, added: [...added.values()] };
  for (const content of Object.values(roles)) {
    const id = idOf(withDecoder, content);
    if (id !== undefined) added.set(id, asSpecial(added.get(id), id, content));
  }
  const names = new Map([...file.vocab].map(([content, id]) => [id, content]));
  for (const id of endTokens) {
    const entry = added.get(id);
    const name = names.get(id);
    if (entry !== undefined) added.set(id, asSpecial(entry, id, entry.content));
    else if (name !== undefined && looksSpecial(name)) added.set(id, asSpecial(undefined, id, name));
  }
  return { ...file, added: [...added.values()] };
}

const asSpecial = (entry: AddedToken | undefined, id: TokenId, content: string): AddedToken => ({
  ...(entry ?? { id, content, normalized: false, lstrip: false, rstrip: false, singleWord: false }),
  special: true,
});

/** A word of a vocabulary that a text could hardly be made of, and not a byte. */
const looksSpecial = (name: string): boolean =>
  /^(?:<.+>|\[.+\])$/su.test(name) && !/^<0x[0-9A-Fa-f]{2}>$/.test(name);

function decoderEntries(decoder: unknown): AddedToken[] {
  if (!isObject(decoder)) return [];
  return Object.entries(decoder).flatMap(([key, entry]) => {
    const id = Number(key);
    const content = isObject(entry) ? entry.content : undefined;
    if (
      !isObject(entry) ||
      !Number.isInteger(id) ||
      id < 0 ||
      typeof content !== 'string' ||
      content === ''
    ) {
      return [];
    }
    return [addedToken(entry, id, content)];
  });
}
