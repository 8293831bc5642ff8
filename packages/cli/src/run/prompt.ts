import type { ChatMessage, Tokenizer } from '@judge-decoding/checkpoint';
import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
import type { OpenedModel } from '../pair/open-pair.ts';
import { readAll, type Terminal } from '../terminal.ts';

/** The argument, or what is piped in; an empty one is refused before any model is opened. */
export async function readPrompt(argument: string | undefined, { input }: Terminal): Promise<string> {
  if (argument === undefined && input.isTerminal) {
    throw new JudgeDecodingError(
      'invalid-input',
      'Expected a prompt, got none. Write it behind the command, in quotes, or pipe it in; `judge chat` asks for it.',
    );
  }
  const prompt = argument ?? (await readAll(input)).replace(/\r?\n$/, '');
  if (prompt.trim() !== '') return prompt;
  throw new JudgeDecodingError(
    'invalid-input',
    `Expected a prompt with some text, got ${prompt === '' ? 'an empty one' : 'nothing but blanks'}. Write it behind the command, in quotes, or pipe it in.`,
  );
}

export const messagesOf = (prompt: string, system: string | undefined): readonly ChatMessage[] => [
  ...(system === undefined ? [] : [{ role: 'system', content: system }]),
  { role: 'user', content: prompt },
];

/** A prompt that leaves no room for a token; core would refuse it too, but does not know our flags. */
export function checkFits(prompt: readonly TokenId[], { model, mostContext }: OpenedModel): void {
  const { contextLength, name } = model.info;
  if (prompt.length < contextLength) return;
  const longer =
    mostContext > contextLength
      ? `Shorten it, or ask for more with --context N, up to ${mostContext}.`
      : 'Shorten it: the model holds no more.';
  throw new JudgeDecodingError(
    'context-full',
    `Expected a prompt of fewer than ${contextLength} tokens, the context of ${name}, got ${prompt.length}. ${longer}`,
  );
}

/** The prompt's tokens, through the chat template unless `raw`. */
export function encodePrompt(
  tokenizer: Tokenizer,
  prompt: string,
  { raw, system }: { readonly raw: boolean; readonly system: string | undefined },
): readonly TokenId[] {
  return raw || !tokenizer.hasChatTemplate
    ? tokenizer.encode(prompt, { begin: true })
    : tokenizer.encodeChat(messagesOf(prompt, system));
}
