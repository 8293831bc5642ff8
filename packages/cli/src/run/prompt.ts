import type { ChatMessage, Tokenizer } from '@judge-decoding/checkpoint';
import { JudgeDecodingError, type TokenId } from '@judge-decoding/core';
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
    `Expected a prompt with some text, got ${prompt === '' ? 'an empty one' : 'nothing but blanks'}.`,
  );
}

export const messagesOf = (prompt: string, system: string | undefined): readonly ChatMessage[] => [
  ...(system === undefined ? [] : [{ role: 'system', content: system }]),
  { role: 'user', content: prompt },
];

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
