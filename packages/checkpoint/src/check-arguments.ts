import { invalidOption } from '@judge-decoding/core';

/*
 * What the types say, said to programs without types: a wrong shape is an error of code `invalid-option` that
 * names it.
 */

export function checkText(text: unknown): void {
  if (typeof text !== 'string') throw invalidOption('text', 'a text', text);
}

export function checkMessages(messages: unknown): void {
  if (!Array.isArray(messages))
    throw invalidOption(
      'messages',
      'a list of messages, such as `[{ role: "user", content: "Hi" }]`',
      messages,
    );
  for (const [index, message] of messages.entries())
    for (const name of ['role', 'content']) {
      const value = (message as Readonly<Record<string, unknown>> | null | undefined)?.[name];
      if (typeof value !== 'string') throw invalidOption(`messages[${index}].${name}`, 'a text', value);
    }
}

export function checkIds(ids: unknown): void {
  if (!Array.isArray(ids) && !ArrayBuffer.isView(ids)) throw invalidOption('ids', 'token ids', ids);
}

export function checkLocation(location: unknown): void {
  if (typeof location === 'string') return;
  const next = location instanceof URL ? ' Take its path: `fileURLToPath(url)`.' : '';
  throw invalidOption('location', 'the path of a model folder or a GGUF file', location, next);
}
