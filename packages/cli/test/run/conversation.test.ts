import type { Tokenizer } from '@judge-decoding/checkpoint';
import { describe, expect, test } from 'vitest';
import { answerRoom } from '../../src/run/answer-room.ts';
import { commonPrefix, conversation } from '../../src/run/conversation.ts';

/** One token a letter, and two around each message. */
const tokenizer = {
  encodeChat: (messages) =>
    messages.flatMap(({ content }) => [1, ...[...content].map((letter) => letter.charCodeAt(0)), 2]),
} as Pick<Tokenizer, 'encodeChat'> as Tokenizer;

test('a turn begins with all that was said before', () => {
  const talk = conversation(tokenizer, { system: 'S', contextLength: 100, room: { tokens: 10 } });
  const first = talk.ask('hello').prompt;
  talk.answer('hi');
  const second = talk.ask('more').prompt;
  expect(commonPrefix(first, second)).toBe(first.length);
  expect(talk.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
});

test('the oldest exchanges are left out when room runs short, the system message never', () => {
  const talk = conversation(tokenizer, { system: 'S', contextLength: 40, room: { tokens: 10 } });
  talk.ask('aaaaaaaa');
  talk.answer('bbbbbbbb');
  const { prompt, leftOut } = talk.ask('cccccccc');
  expect(leftOut).toBe(1);
  expect(prompt.length).toBe(3 + 10);
  expect(talk.messages.map(({ content }) => content)).toEqual(['S', 'cccccccc']);
});

test('a question that is taken back was never asked', () => {
  const talk = conversation(tokenizer, { system: undefined, contextLength: 40, room: { tokens: 10 } });
  talk.ask('x');
  talk.retract();
  expect(talk.messages).toEqual([]);
  talk.ask('y');
  talk.reset();
  expect(talk.messages).toEqual([]);
});

describe.each([
  { contextLength: 1024, longest: 200, turns: 64 },
  { contextLength: 4096, longest: 200, turns: 64 },
  { contextLength: 4096, longest: 900, turns: 40 },
])(
  'a long chat with answers of up to $longest tokens in a context of $contextLength',
  ({ contextLength, longest, turns }) => {
    /** Which turns were cut, and how many tokens had to be read. */
    function chat() {
      const room = answerRoom({ contextLength });
      const talk = conversation(tokenizer, { system: 'S', contextLength, room });
      const cut: number[] = [];
      let cached: readonly number[] = [];
      let read = 0;
      for (let turn = 0; turn < turns; turn++) {
        const { prompt } = talk.ask('q'.repeat(20));
        read += prompt.length - commonPrefix(cached, prompt);
        const wanted = Math.ceil(longest * (0.5 + 0.5 * Math.abs(Math.sin(turn))));
        const length = Math.min(wanted, contextLength - prompt.length);
        if (length < wanted) cut.push(turn);
        room.observe(length, length < wanted);
        talk.answer('a'.repeat(length));
        cached = [...prompt, ...Array(length).fill(97)];
      }
      return { cut, read };
    }

    test('hardly an answer is cut, and not twice in a row', () => {
      const { cut } = chat();
      expect(cut.length).toBeLessThanOrEqual(2);
      for (const turn of cut) expect(cut).not.toContain(turn + 1);
    });

    test('a full context is read again now and then, not at every turn', () => {
      const { read } = chat();
      // every question and every answer's frame is read once; a full context again at each turn would be
      // turns times its length
      expect(read).toBeLessThan(0.2 * turns * contextLength);
    });
  },
);

test('the room for an answer grows with answers, and never takes more than half of the context', () => {
  const room = answerRoom({ contextLength: 1000 });
  expect(room.tokens).toBe(333);
  room.observe(100, false);
  expect(room.tokens).toBe(333);
  room.observe(300, false);
  expect(room.tokens).toBe(375);
  room.observe(400, true);
  expect(room.tokens).toBe(500);
  expect(answerRoom({ contextLength: 1000, maxTokens: 50 }).tokens).toBe(50);
  expect(answerRoom({ contextLength: 100_000 }).tokens).toBe(512);
});
