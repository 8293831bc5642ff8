import { expect, test } from 'vitest';
import type { ModelCall, SentPass, SentRequest } from '../src/served/protocol.ts';
import { type PlainStep, plainStep, ReadAhead, type StepAnswer } from '../src/served/read-ahead.ts';

const END = 9;
const request: SentRequest = { argmax: true };
const ahead = (contextLength = 1000) => new ReadAhead({ contextLength, endTokens: [END] });
const answer = (token: number, took = 1): StepAnswer => ({ outputs: { argmax: Int32Array.of(token) }, took });

/** Asks one plain step, whose argmax is `token`; the step to read ahead comes back, and has been read. */
function ask(reader: ReadAhead, step: PlainStep, token = 5, took = 1): PlainStep | undefined {
  const due = reader.answered(step, reader.asked(step) ?? answer(token, took));
  if (due !== undefined) reader.read(answer(token, took));
  return due;
}

/** Plain decoding: `count` steps, each with the argmax of the last, from `length` on. */
function decode(reader: ReadAhead, count: number, length = 10): { asked: number; known: number } {
  let known = 0;
  for (let step = 0; step < count; step++) {
    const question = { session: 0, length: length + step, token: 5, request };
    const found = reader.asked(question);
    if (found !== undefined) known += 1;
    const due = reader.answered(question, found ?? answer(5));
    if (due !== undefined) reader.read(answer(5));
  }
  return { asked: count, known };
}

test('the second of two plain steps is read on, the first is not', () => {
  const reader = ahead();
  expect(ask(reader, { session: 3, length: 10, token: 1, request })).toBeUndefined();
  expect(ask(reader, { session: 3, length: 11, token: 5, request })).toEqual({
    session: 3,
    length: 12,
    token: 5,
    request,
  });
});

const judge = (id: number) => [{ id, layer: 'last', state: 'pre-norm', row: 'own' }] as const;
const withWeights = [{ ...judge(1)[0], weights: new Float32Array(4) }];

test.each<{ what: string; change?: Partial<PlainStep>; read?: SentRequest; known: boolean }>([
  { what: 'the very step', known: true },
  { what: 'another token', change: { token: 6 }, known: false },
  { what: 'a text that is shorter', change: { length: 11 }, known: false },
  { what: 'a text that is longer', change: { length: 13 }, known: false },
  { what: 'another session', change: { session: 1 }, known: false },
  { what: 'more outputs', change: { request: { argmax: true, logits: true } }, known: false },
  { what: 'the same of several', read: { argmax: true, top: 3, hidden: ['pre-norm'] }, known: true },
  {
    what: 'another number of them',
    read: { argmax: true, top: 3 },
    change: { request: { argmax: true, top: 4 } },
    known: false,
  },
  { what: 'the same head', read: { argmax: true, judge: judge(1) }, known: true },
  {
    what: 'the same head, its weights sent before',
    read: { argmax: true, judge: withWeights },
    change: { request: { argmax: true, judge: judge(1) } },
    known: true,
  },
  {
    what: 'another head',
    read: { argmax: true, judge: judge(1) },
    change: { request: { argmax: true, judge: judge(2) } },
    known: false,
  },
])('what was read is the answer to $what: $known', ({ change = {}, read = request, known }) => {
  const reader = ahead();
  ask(reader, { session: 0, length: 10, token: 1, request: read });
  const due = ask(reader, { session: 0, length: 11, token: 5, request: read });
  expect(due).toBeDefined();
  expect(reader.asked({ ...due!, ...change }) !== undefined).toBe(known);
});

test('any other call forgets what was read', () => {
  const reader = ahead();
  ask(reader, { session: 0, length: 10, token: 1, request });
  const due = ask(reader, { session: 0, length: 11, token: 5, request });
  expect(reader.asked(undefined)).toBeUndefined();
  expect(reader.asked(due!)).toBeUndefined();
});

test('a step that failed is asked again, and no wrong guess', () => {
  const reader = ahead();
  ask(reader, { session: 0, length: 10, token: 1, request });
  const question = { session: 0, length: 11, token: 5, request };
  const due = reader.answered(question, reader.asked(question) ?? answer(5));
  expect(due).toBeDefined();
  // nothing was read
  expect(reader.asked(due!)).toBeUndefined();
  expect(reader.answered(due!, answer(5))).toBeDefined();
});

test.each([
  { what: 'an end token', context: 1000, token: END, took: 1, read: false },
  { what: 'a full context', context: 12, token: 5, took: 1, read: false },
  { what: 'the last place in the context', context: 13, token: 5, took: 1, read: true },
  { what: 'a step of half a second', context: 1000, token: 5, took: 500, read: false },
])('after $what a step is read: $read', ({ context, token, took, read }) => {
  const reader = ahead(context);
  ask(reader, { session: 0, length: 10, token: 1, request });
  expect(ask(reader, { session: 0, length: 11, token: 5, request }, token, took) !== undefined).toBe(read);
});

test('two texts that are decoded in turn are not read ahead', () => {
  const reader = ahead();
  for (let length = 10; length < 30; length++) {
    for (const session of [0, 1]) expect(ask(reader, { session, length, token: 5, request })).toBeUndefined();
  }
});

test('a given text that does not follow the argmax is not read ahead', () => {
  const reader = ahead();
  for (let length = 10; length < 30; length++)
    expect(ask(reader, { session: 0, length, token: 6, request })).toBeUndefined();
});

test('a long answer knows all its steps but the first two, and costs one guess', () => {
  const reader = ahead();
  for (const round of [1, 2, 3])
    expect([round, decode(reader, 50)]).toEqual([round, { asked: 50, known: 48 }]);
});

test('after each wrong guess that had not paid it takes twice as many plain steps, up to 64', () => {
  const reader = ahead();
  // plain steps that it takes until one is known: a text of that many and one more is a wrong guess
  const taken = Array.from({ length: 9 }, () => {
    reader.asked(undefined);
    let count = 0;
    for (let length = 10; ; length++) {
      count += 1;
      if (ask(reader, { session: 0, length, token: 5, request }) !== undefined) return count - 1;
    }
  });
  expect(taken).toEqual([1, 2, 4, 8, 16, 32, 64, 64, 64]);
  // guesses that pay make it quick again
  reader.asked(undefined);
  decode(reader, 100);
  expect(decode(reader, 50)).toEqual({ asked: 50, known: 48 });
});

const pass: SentPass = { session: 2, length: 7, tokens: [4] };

test.each<{ what: string; call: ModelCall; plain: boolean }>([
  { what: 'one token and its argmax', call: { kind: 'forward', passes: [pass], request }, plain: true },
  {
    what: 'one token and more than its argmax',
    call: { kind: 'forward', passes: [pass], request: { argmax: true, logits: true } },
    plain: true,
  },
  {
    what: 'one token without its argmax',
    call: { kind: 'forward', passes: [pass], request: { logits: true } },
    plain: false,
  },
  {
    what: 'two tokens',
    call: { kind: 'forward', passes: [{ ...pass, tokens: [4, 5] }], request },
    plain: false,
  },
  {
    what: 'two sessions',
    call: { kind: 'forward', passes: [pass, { ...pass, session: 3 }], request },
    plain: false,
  },
  { what: 'a draft', call: { kind: 'propose', pass, request: { count: 3 } }, plain: false },
  { what: 'a disposal', call: { kind: 'dispose-session', session: 2 }, plain: false },
])('a forward of $what is a plain step: $plain', ({ call, plain }) => {
  expect(plainStep(call)).toEqual(
    plain
      ? { session: 2, length: 7, token: 4, request: (call as { request: SentRequest }).request }
      : undefined,
  );
});
