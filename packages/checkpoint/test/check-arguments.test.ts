import { JudgeDecodingError } from '@judge-decoding/core';
import { beforeAll, expect, test } from 'vitest';
import { openCheckpoint, openTokenizer, type Tokenizer } from '../src/index.ts';
import { makeTinyCheckpoint } from '../src/testing/index.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();
let tokenizer: Tokenizer;
beforeAll(async () => {
  await makeTinyCheckpoint(folder, { seed: 1 });
  tokenizer = await openTokenizer(folder);
});

test.each<[what: string, call: () => unknown, said: string]>([
  ['no text', () => tokenizer.encode(undefined as never), 'Expected `text` to be a text, got `undefined`'],
  ['a number', () => tokenizer.encode(5 as never), 'got `5` (number)'],
  ['a text for messages', () => tokenizer.encodeChat('Hi' as never), '`messages` to be a list of messages'],
  ['one message alone', () => tokenizer.renderChat({ role: 'user' } as never), 'got an object of role'],
  [
    'a message without a content',
    () => tokenizer.encodeChat([{ role: 'user' } as never]),
    '`messages[0].content` to be a text, got `undefined`',
  ],
  [
    'a content in parts',
    () => tokenizer.encodeChat([{ role: 'user', content: [{ type: 'text', text: 'Hi' }] as never }]),
    '`messages[0].content` to be a text, got an object (Array)',
  ],
  ['a text for ids', () => tokenizer.decode('12' as never), '`ids` to be token ids, got `"12"`'],
])('%s is refused by name', (_, call, said) => {
  expect(call).toThrow(said);
  expect(call).toThrow(JudgeDecodingError);
});

test.each([
  ['nothing', undefined, 'got `undefined`'],
  ['an address', new URL('file:///models/tiny'), 'got an object (URL). Take its path: `fileURLToPath(url)`.'],
])('%s for a location is refused by name', async (_, location, said) => {
  await expect(openCheckpoint(location as never)).rejects.toThrow(said);
  await expect(openTokenizer(location as never)).rejects.toThrow(said);
});

test('a typed array of ids is read as a list is', () => {
  const ids = tokenizer.encode('abc abc');
  expect(tokenizer.decode(Int32Array.from(ids) as never)).toBe(tokenizer.decode(ids));
});
