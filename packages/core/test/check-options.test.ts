import { describe, expect, test } from 'vitest';
import {
  complete,
  draftSession,
  exactMatch,
  fixedText,
  type GenerateOptions,
  JudgeDecodingError,
  judged,
  readHead,
  rule,
} from '../src/index.ts';
import { head } from './a-head.ts';

const info = {
  name: 'toy',
  vocabSize: 8,
  contextLength: 32,
  fingerprint: {},
  endTokens: [],
  specialTokens: [],
};
const session = { length: 0, forward: () => Promise.reject(new Error('a pass was asked for')) };
const usable = { model: info, target: session, prompt: [1, 2] };
const model = { info, openSession: async () => session };

/** What a program without types may well write. */
const refused: readonly (readonly [what: string, change: Record<string, unknown>, said: RegExp])[] = [
  ['a model for its info', { model: { info } }, /`model` to be .* its `info`, got an object of info/],
  ['no prompt', { prompt: undefined }, /`prompt` to be token ids.*`undefined`/],
  ['a text', { prompt: 'How many?' }, /`prompt` to be token ids, as a tokenizer’s `encode`.*"How many\?"/],
  ['a promise', { prompt: Promise.resolve([1]) }, /got a promise: put `await` before it/],
  ['no target', { target: undefined }, /`target` to be a session/],
  ['a model as the target', { target: model }, /`await target.openSession\(\)`.*got an object of info/],
  ['a session to come', { target: Promise.resolve(session) }, /`target` to be a session.*got a promise/],
  ['a model as the draft', { draft: model }, /`draft` to be a draft source, such as `draftSession/],
  ['a session as the draft', { draft: { propose: () => {} } }, /`draft` to be a draft source/],
  ['a head as the rule', { rule: head }, /`rule` to be a rule, such as/],
  ['a name as the rule', { rule: 'judge' }, /`rule` to be a rule.*"judge"/],
  ['a length as text', { draftLength: '8' }, /`draftLength` to be a whole number.*"8"/],
  ['a seed as text', { seed: 'abc' }, /`seed` to be a whole number.*"abc"/],
  ['NaN as the seed', { seed: Number.NaN }, /`seed` to be a whole number.*`NaN`/],
  ['a big integer as the seed', { seed: 5n }, /`seed` to be a whole number.*\(bigint\)/],
  ['a temperature by itself', { sampling: 0.8 }, /`sampling` to be an object.*`0.8`/],
  ['null', { sampling: null }, /`sampling` to be an object.*null/],
  ['no temperature', { sampling: { topP: 0.9 } }, /`temperature` to be given, 0 for greedy, got `undefined`/],
  ['another spelling', { sampling: { temperature: 1, top_p: 0.9 } }, /got `"top_p"`.* Did you mean topP\?/],
  ['a stop text by itself', { stop: 'x' }, /`stop` to be an object/],
  ['a list of stop texts', { stop: ['x'] }, /`stop` to be an object.*got an object \(Array\)/],
  ['another name for stops', { stop: { texts: ['x'] } }, /`stop` to be made of tokens, strings, bytesOf/],
  [
    'a name that every object has',
    { stop: { toString: 1 } },
    /`stop` to be made of tokens, strings, bytesOf/,
  ],
  ['other guards', { guards: 'none' }, /`guards` to be an object.*or 'off'.*"none"/],
  ['a controller', { signal: new AbortController() }, /`signal` to be an AbortSignal.*\(AbortController\)/],
  ['a clock that is read', { now: 5 }, /`now` to be a function/],
];

test.each(refused)('%s is refused by name, before a pass', async (_, change, said) => {
  const options = { ...usable, ...change } as unknown as GenerateOptions;
  const error = await complete(options).catch((caught: unknown) => caught);
  expect(JudgeDecodingError.is(error, 'invalid-option')).toBe(true);
  expect((error as Error).message).toMatch(said);
});

test('no options at all are refused, too', async () => {
  await expect(complete(undefined as never)).rejects.toThrow(
    '`options` to be an object with model, target and prompt',
  );
});

test('a usable request comes to its first pass', async () => {
  const draft = fixedText([3, 4], { promptLength: 2 });
  const options = { ...usable, draft, seed: 7, stop: { tokens: [5] }, guards: { mostInARow: 2 } };
  await expect(complete(options as unknown as GenerateOptions)).rejects.toThrow('a pass was asked for');
});

describe('parts that are no parts', () => {
  test.each([
    [
      'an admission alone',
      () => rule(judged(head) as never),
      /`base` to be a base, such as `exactMatch\(\)`/,
    ],
    ['a function that was not called', () => rule(exactMatch as never), /got the function `exactMatch`/],
    ['a head for an admission', () => rule(exactMatch(), head as never), /`admission` to be an admission/],
    ['no head', () => judged(undefined as never), /`head` to be a judge head, as `readHead` gives it/],
    ['a head’s bytes', () => judged(new Uint8Array(8) as never), /got an object \(Uint8Array\)/],
    [
      'a bare threshold',
      () => judged(head, 0.5 as never),
      /an object such as `\{ threshold: 0.9 \}`, got `0.5`/,
    ],
    [
      'NaN as a threshold',
      () => judged(head, { threshold: Number.NaN }),
      /`threshold` to be a number from 0 to 1/,
    ],
    [
      'a path for a file',
      () => readHead('head.safetensors' as never),
      /the bytes of a head file.*head.safetensors/,
    ],
    ['a session to come', () => draftSession(model as never, model.openSession() as never), /got a promise/],
    ['no model', () => draftSession(info as never, session as never), /`model` to be a model that is open/],
  ])('%s', (_, make, said) => {
    expect(make).toThrow(said);
    expect(make).toThrow(JudgeDecodingError);
  });
});
