import { complete, GREEDY, type Model, type TokenId } from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';
import type { Message } from '@judge-decoding/tasks/benchmarks';
import { askChat, type ChatEndpoint } from '@judge-decoding/tasks/judge-model';

/** What is needed of a tokenizer; those of `@judge-decoding/checkpoint` fit. */
export interface AnswerTokenizer {
  readonly fingerprint: string;
  readonly endTokens: readonly TokenId[];
  encode(text: string): readonly TokenId[];
  encodeChat(messages: readonly Message[]): readonly TokenId[];
  decode(tokens: readonly TokenId[]): string;
  bytesOf(token: TokenId): Uint8Array;
}

/** Writes answers: a model of this process, or one behind an address. */
export interface AnswerWriter {
  /** As provenance says it: `SmolLM2-135M at temperature 1`. */
  readonly name: string;
  /** What its answers depend on. */
  readonly settings: unknown;
  write(messages: readonly Message[], what: { readonly id: string; readonly take: number }): Promise<string>;
  dispose(): Promise<void>;
}

export interface WriterOptions {
  readonly temperature: number;
  readonly maxTokens: number;
  readonly seed: number;
}

/** A model writes; the same question and seed give the same answer on the same backend. */
export async function modelWriter(
  model: Model,
  tokenizer: AnswerTokenizer,
  { temperature, maxTokens, seed }: WriterOptions,
): Promise<AnswerWriter> {
  const session = await model.openSession();
  const ends = new Set(tokenizer.endTokens);
  return {
    name: `${model.info.name} at temperature ${temperature}`,
    settings: { fingerprint: model.info.fingerprint, temperature, maxTokens, seed },
    async write(messages, { id, take }) {
      session.truncate(0);
      const { tokens } = await complete({
        model: model.info,
        target: session,
        prompt: tokenizer.encodeChat(messages),
        maxTokens,
        sampling: temperature === 0 ? GREEDY : { temperature },
        seed: Number.parseInt(sha256(`${seed}/${id}/${take}`).slice(0, 12), 16),
      });
      return tokenizer.decode(tokens.filter((token) => !ends.has(token)));
    },
    dispose: () => session.dispose(),
  };
}

/** A model behind an OpenAI-compatible address; its answers are as repeatable as the server makes them. */
export const endpointWriter = (
  endpoint: ChatEndpoint,
  { temperature, maxTokens }: Omit<WriterOptions, 'seed'>,
): AnswerWriter => ({
  name: `${endpoint.model} at temperature ${temperature}`,
  settings: { endpoint: endpoint.baseUrl, model: endpoint.model, temperature, maxTokens },
  write: (messages) => askChat(endpoint, messages, { maxTokens, temperature }),
  dispose: async () => undefined,
});
