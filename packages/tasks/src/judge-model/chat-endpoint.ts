import { type AbortSignalLike, JudgeDecodingError, throwIfAborted } from '@judge-decoding/core';
import type { Message } from '../benchmarks/text-problem.ts';

/** Where a model answers over HTTP, as OpenAI's API does: `POST <baseUrl>/chat/completions`. */
export interface ChatEndpoint {
  /** With its version: `http://127.0.0.1:8000/v1`. */
  readonly baseUrl: string;
  readonly model: string;
  /** Sent as a bearer token; never shown in an error. */
  readonly apiKey?: string | undefined;
  /** Milliseconds that one answer may take. */
  readonly timeout?: number;
  /** How often a request is repeated that was refused for now (429, 5xx, no connection). */
  readonly retries?: number;
  /** Milliseconds before the first repetition; twice as many before the next. */
  readonly pause?: number;
}

/** How an answer is asked for: tokens it may have, temperature, and a signal that gives it up. */
export interface Asking {
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly signal?: AbortSignalLike | undefined;
}

/** Answers are texts; more than this is none. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Asks once and resolves to the answer's text. What the server says is wrong is an error that says it. */
export async function askChat(
  endpoint: ChatEndpoint,
  messages: readonly Message[],
  { maxTokens = 2048, temperature = 0, signal }: Asking = {},
): Promise<string> {
  const { baseUrl, model, retries = 4, pause = 1000 } = endpoint;
  const url = `${baseUrl.replace(/\/+$/, '')}/chat/completions`;
  const body = JSON.stringify({ model, messages, max_tokens: maxTokens, temperature });
  for (let attempt = 0; ; attempt++) {
    throwIfAborted(signal);
    const answer = await request(url, body, endpoint);
    if (answer.kind === 'text') return answer.text;
    if (!answer.again || attempt >= retries)
      throw new JudgeDecodingError(
        'io',
        `Expected an answer from ${url} (model ${model}), got ${answer.fault}.${answer.again ? ` Asked ${attempt + 1} times.` : ' Check the address, the model and the key.'}`,
      );
    await new Promise((resolve) => setTimeout(resolve, pause * 2 ** attempt));
  }
}

type Answer =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: string; readonly again: boolean };

async function request(
  url: string,
  body: string,
  { apiKey, timeout = 120_000 }: ChatEndpoint,
): Promise<Answer> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body,
      signal: AbortSignal.timeout(timeout),
    });
    text = await response.text();
  } catch (error) {
    const cause = (error as { readonly cause?: { readonly code?: string } }).cause?.code;
    const late = (error as Error).name === 'TimeoutError';
    return {
      kind: 'fault',
      fault: late
        ? `nothing within ${timeout / 1000} s`
        : `no connection (${cause ?? (error as Error).message})`,
      again: true,
    };
  }
  if (!response.ok)
    return {
      kind: 'fault',
      fault: `status ${response.status}: ${messageIn(text)}`,
      again: response.status === 429 || response.status >= 500,
    };
  const content = text.length > MAX_BYTES ? undefined : contentIn(text);
  return content === undefined
    ? { kind: 'fault', fault: `something else than a chat completion: ${text.slice(0, 120)}`, again: false }
    : { kind: 'text', text: content };
}

function contentIn(text: string): string | undefined {
  try {
    const { choices } = JSON.parse(text) as {
      readonly choices?: readonly { readonly message?: { readonly content?: unknown } }[];
    };
    const content = choices?.[0]?.message?.content;
    return typeof content === 'string' ? content : undefined;
  } catch {
    return undefined;
  }
}

/** OpenAI's form of an error, or the beginning of whatever came. */
function messageIn(text: string): string {
  try {
    const { error } = JSON.parse(text) as { readonly error?: { readonly message?: unknown } };
    if (typeof error?.message === 'string') return error.message.slice(0, 300);
  } catch {
    // shown as it is
  }
  return text.slice(0, 120);
}
