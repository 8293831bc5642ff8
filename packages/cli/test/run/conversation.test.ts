import type { Tokenizer } from '@judge-decoding/checkpoint';
import { expect, test } from 'vitest';
import { commonPrefix, conversation } from '../../src/run/conversation.ts';

/** One token a letter, and two around each message. */
const tokenizer = {
  encodeChat: (messages) =>
    messages.flatMap(({ content }) => [1, ...[...content].map((letter) => letter.charCodeAt(0)), 2]),
} as Pick<Tokenizer, 'encodeChat'> as Tokenizer;

test('a turn begins with all that was said before', () => {
  const talk = conversation(tokenizer, { system: 'S', contextLength: 100, room: 10 });
  const first = talk.ask('hello').prompt;
  talk.answer('hi');
  const second = talk.ask('more').prompt;
  expect(commonPrefix(first, second)).toBe(first.length);
  expect(talk.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
});

test('the oldest exchanges are left out when room runs short, the system message never', () => {
  const talk = conversation(tokenizer, { system: 'S', contextLength: 40, room: 10 });
  talk.ask('aaaaaaaa');
  talk.answer('bbbbbbbb');
  const { prompt, leftOut } = talk.ask('cccccccc');
  expect(leftOut).toBe(1);
  expect(prompt.length).toBe(3 + 10);
  expect(talk.messages.map(({ content }) => content)).toEqual(['S', 'cccccccc']);
});

test('a question that is taken back was never asked', () => {
  const talk = conversation(tokenizer, { system: undefined, contextLength: 40, room: 10 });
  talk.ask('x');
  talk.retract();
  expect(talk.messages).toEqual([]);
  talk.ask('y');
  talk.reset();
  expect(talk.messages).toEqual([]);
});
