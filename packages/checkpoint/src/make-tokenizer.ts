import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import type { ChatTemplate } from './chat-template.ts';
import { checkIds, checkMessages, checkText } from './check-arguments.ts';
import { portableSha256 } from './fingerprints.ts';
import { renderApart, type WrittenChat } from './render-apart.ts';
import { specialText } from './special-text.ts';
import { textEncoder } from './text-encoder.ts';
import { tokenBytes } from './token-bytes.ts';
import type { ChatMessage, Tokenizer } from './tokenizer.ts';
import type { TokenizerFile } from './tokenizer-json.ts';
import { joined } from './utf8.ts';

export interface TokenizerParts {
  readonly file: TokenizerFile;
  readonly chatTemplate: ChatTemplate | undefined;
  /** End tokens known from elsewhere; the template's end of turn joins them here. */
  readonly endTokens: readonly TokenId[];
  /** Put in front of a text where the tokenizer's own post-processor puts nothing. */
  readonly beginToken: TokenId | undefined;
}

/** A tokenizer from a checked tokenizer.json and what lies beside it. */
export function makeTokenizer({ file, chatTemplate, endTokens, beginToken }: TokenizerParts): Tokenizer {
  const names = vocabularyOf(file);
  const specials = new Map(
    file.added.filter(({ special }) => special).map(({ id, content }) => [content, id]),
  );
  const specialIds = new Set(specials.values());
  const added = new Map(file.added.map((token) => [token.id, token]));
  const { encode, specialsIn, normalised, textOf } = textEncoder(file);
  const scan = specialText([...specials.keys()], normalised);
  const begin = file.beginTokens.length > 0 ? file.beginTokens : beginToken === undefined ? [] : [beginToken];
  const bytes: (Uint8Array | undefined)[] = new Array(names.length);

  const textOfId = (id: TokenId): string => {
    const token = added.get(id);
    return token === undefined ? (names[id] ?? '') : textOf(token);
  };
  const lookUp = (id: TokenId): Uint8Array => {
    const known = bytes[id];
    if (known !== undefined) return known;
    if (!Number.isInteger(id) || id < 0 || id >= names.length) {
      throw new JudgeDecodingError(
        'invalid-input',
        `Expected a token id from 0 to ${names.length - 1}, got ${id}. Does it come from another model?`,
      );
    }
    const name = names[id];
    // of a byte-level vocabulary's tokens those that were added are text
    const isText = file.scheme.kind === 'byte-level' && added.has(id);
    if (name === undefined || specialIds.has(id)) bytes[id] = new Uint8Array(0);
    else bytes[id] = isText ? new TextEncoder().encode(textOfId(id)) : tokenBytes(textOfId(id), file.scheme);
    return bytes[id];
  };

  const render = (messages: readonly ChatMessage[], generationPrompt: boolean): string => {
    if (chatTemplate !== undefined) return chatTemplate.render(messages, generationPrompt);
    throw new JudgeDecodingError(
      'unsupported',
      `\`${file.path}\` has no chat template beside it. Use \`encode\` with a plain prompt, or an instruction-tuned model.`,
    );
  };
  const write = (messages: readonly ChatMessage[], generationPrompt: boolean): WrittenChat =>
    renderApart(messages, scan, (written) => render(written, generationPrompt));

  let fingerprint: string | undefined;
  const turnEnd =
    chatTemplate === undefined ? undefined : specialsIn(endOfTurn(write)).find((id) => !begin.includes(id));
  return {
    tokenCount: names.length,
    specialTokens: [...specialIds].sort((a, b) => a - b),
    endTokens: [...new Set([...endTokens, ...(turnEnd === undefined ? [] : [turnEnd])])],
    beginToken: begin[0],
    hasChatTemplate: chatTemplate !== undefined,
    get fingerprint() {
      fingerprint ??= vocabularyFingerprint(names, specialIds, lookUp);
      return fingerprint;
    },
    encode(text, { special = false, begin: withBegin = false } = {}) {
      checkText(text);
      const ids = encode(text, special ? 'nowhere' : 'everywhere');
      return withBegin ? [...begin, ...ids] : ids;
    },
    encodeChat(messages, { generationPrompt = true } = {}) {
      checkMessages(messages);
      const { text, plain } = write(messages, generationPrompt);
      return encode(text, plain);
    },
    renderChat(messages, { generationPrompt = true } = {}) {
      checkMessages(messages);
      return render(messages, generationPrompt);
    },
    decode(ids) {
      checkIds(ids);
      // a typed array's own `map` would make numbers of the bytes
      const parts = Array.from(ids, lookUp);
      const leading = file.scheme.kind === 'spaced' ? file.scheme.leadingSpaces : 0;
      if (leading === 'first token') {
        const first = ids.findIndex((id) => !specialIds.has(id));
        if (first >= 0)
          parts[first] = tokenBytes(textOfId(ids[first]!).replaceAll('\u2581', ''), file.scheme);
      }
      const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(joined(parts));
      return typeof leading === 'number' ? stripStart(text, leading) : text;
    },
    bytesOf: (id) => lookUp(id).slice(),
    vocabulary: (id) => names[id],
  };
}

function vocabularyOf({ vocab, added }: TokenizerFile): readonly (string | undefined)[] {
  let count = 0;
  for (const id of vocab.values()) count = Math.max(count, id + 1);
  for (const { id } of added) count = Math.max(count, id + 1);
  const names: (string | undefined)[] = new Array(count).fill(undefined);
  for (const [token, id] of vocab) names[id] = token;
  for (const { id, content } of added) names[id] = content;
  return names;
}

/**
 * What a template writes after an assistant's words: where it has a special token, its first one ends
 * the turn. Nothing where it does not print the words, or goes on otherwise after others.
 */
function endOfTurn(
  write: (messages: readonly ChatMessage[], generationPrompt: boolean) => WrittenChat,
): string {
  const ending = (content: string) => {
    const messages = [
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content },
    ];
    let text: string;
    try {
      text = write(messages, false).text;
    } catch {
      return undefined; // a template for other conversations; the files' own end tokens have to do
    }
    const at = text.lastIndexOf(content);
    return at < 0 ? undefined : text.slice(at + content.length);
  };
  // words that no template has of its own
  const [first, second] = [ending('Zyxomma'), ending('quivfetch')];
  return first === undefined || first !== second ? '' : first;
}

function stripStart(text: string, spaces: number): string {
  let start = 0;
  while (start < spaces && text[start] === ' ') start++;
  return text.slice(start);
}

/**
 * Over every token's kind and bytes, in order. How text is split is left out, so that the same
 * vocabulary has the same fingerprint whichever file format it comes from.
 */
function vocabularyFingerprint(
  names: readonly (string | undefined)[],
  specialIds: ReadonlySet<TokenId>,
  lookUp: (id: TokenId) => Uint8Array,
): string {
  const hash = portableSha256();
  const encoder = new TextEncoder();
  // a few large updates are many times faster than one for each token
  let waiting: Uint8Array[] = [];
  for (const [id, name] of names.entries()) {
    const special = specialIds.has(id);
    const kind = name === undefined ? 0 : special ? 2 : 1;
    const bytes = name === undefined ? new Uint8Array(0) : special ? encoder.encode(name) : lookUp(id);
    waiting.push(new Uint8Array(Uint32Array.of(kind, bytes.length).buffer), bytes);
    if (waiting.length < 8192) continue;
    hash.update(joined(waiting));
    waiting = [];
  }
  hash.update(joined(waiting));
  return hash.digest();
}
