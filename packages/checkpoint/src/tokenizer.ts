import type { TokenId } from '@judge-decoding/core';

/** One message of a conversation. */
export interface ChatMessage {
  /** `system`, `user`, `assistant`, or what else the model's template knows. */
  readonly role: string;
  readonly content: string;
}

/** How text becomes tokens. */
export interface EncodeOptions {
  /** Read special tokens written in the text as such. Off: they stay text, as a user's must. */
  readonly special?: boolean;
  /** Put in front what the model expects at a text's start (its begin token), if anything. */
  readonly begin?: boolean;
}

/** How a conversation becomes tokens. */
export interface ChatOptions {
  /** End with the opening of the assistant's turn. On unless switched off. */
  readonly generationPrompt?: boolean;
}

/** Text to tokens and back, for one vocabulary. Plain and synchronous; holds no files open. */
export interface Tokenizer {
  /** Real tokens, holes included: the highest id plus one. */
  readonly tokenCount: number;
  /** Tokens with a meaning of their own (begin, end, roles, padding), ascending. */
  readonly specialTokens: readonly TokenId[];
  /** Tokens that end a text: the generation config's, the tokenizer's own end, the template's end of turn. */
  readonly endTokens: readonly TokenId[];
  /** First of what `encode` with `begin` puts in front. */
  readonly beginToken: TokenId | undefined;
  /** sha256 over every token's bytes and whether it is special: what ids mean, not how text is split. Hex. */
  readonly fingerprint: string;
  readonly hasChatTemplate: boolean;

  encode(text: string, options?: EncodeOptions): TokenId[];
  /** The template's special tokens become special; nothing inside a message's content ever does. */
  encodeChat(messages: readonly ChatMessage[], options?: ChatOptions): TokenId[];
  /** The text as the template writes it, for showing. Do not encode it: contents are no longer told apart. */
  renderChat(messages: readonly ChatMessage[], options?: ChatOptions): string;
  /** The text of a whole sequence, without special tokens; bytes that are no UTF-8 become U+FFFD. */
  decode(ids: readonly TokenId[]): string;
  /** The bytes a token adds to a text; none for special tokens. The array is the caller's. */
  bytesOf(id: TokenId): Uint8Array;
  /** The token as the vocabulary writes it, `undefined` for a hole. */
  vocabulary(id: TokenId): string | undefined;
}
