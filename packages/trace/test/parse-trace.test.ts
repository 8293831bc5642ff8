import { JudgeDecodingError, parseRule } from '@judge-decoding/core';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { bytesOfPiece, parseTrace, type Trace } from '../src/index.ts';
import { toyTrace } from './toy-trace.ts';

let trace: Trace;
beforeAll(async () => {
  trace = await toyTrace(parseRule('judge'));
});

test('what is written is read again', () => {
  expect(parseTrace(JSON.stringify(trace), 'a.json')).toEqual(JSON.parse(JSON.stringify(trace)));
});

test('a trace of before it was said how prompts are read is read', () => {
  const { prefill, ...before } = { ...trace, version: 2 };
  expect(prefill).toBe('exact');
  expect(parseTrace(JSON.stringify(before), 'a.json')).toMatchObject({ version: 2, prompt: trace.prompt });
});

test('every token that is mentioned has its text', () => {
  const { pieces, prompt, rounds } = trace;
  for (const id of [
    ...prompt,
    ...rounds.flatMap(({ draft, tokens }) => [...draft, ...tokens.map((t) => t.id)]),
  ])
    expect(pieces[id]).toBeDefined();
  expect([...bytesOfPiece(pieces[3])]).toEqual([...new TextEncoder().encode(' t3')]);
  expect([...bytesOfPiece({ hex: 'c3' })]).toEqual([0xc3]);
  expect([...bytesOfPiece({ special: '<end>' })]).toEqual([]);
});

describe('refusals', () => {
  const changed = (change: Record<string, unknown>) => JSON.stringify({ ...trace, ...change });
  test.each([
    [
      'an older one',
      () => changed({ version: 1 }),
      /of version 1, this reader knows versions 2 to 3. Write it again/,
    ],
    ['a later one', () => changed({ version: 4 }), /of version 4.*the release that wrote it/],
    ['a version that is none', () => changed({ version: 2.5 }), /of version 2.5/],
    ['prompts read in a way that is none', () => changed({ prefill: 'slow' }), /how its prompts were read/],
    ['another format', () => changed({ format: 'something.else' }), /its format is "something.else"/],
    ['nothing', () => '', /it is empty/],
    ['no JSON', () => 'PK\u0003\u0004', /it is not JSON/],
    ['a list', () => '[]', /it is no object/],
    [
      'a round with a row too few',
      () => changed({ rounds: [{ ...trace.rounds[0], rows: [] }] }),
      /round 1 is damaged/,
    ],
    ['a token that is none', () => changed({ prompt: [-1] }), /its prompt is no list of tokens/],
    ['a piece that is none', () => changed({ pieces: { 1: { hex: 'xy' } } }), /texts of its tokens/],
  ])('%s', (_, json, message) => {
    expect(() => parseTrace(json(), 'a.json')).toThrow(message);
  });

  test('whatever comes, it is read or refused with a sentence', () => {
    const text = JSON.stringify(trace);
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 8 }), fc.nat(12), (at, put, drop) => {
        try {
          parseTrace(text.slice(0, at) + put + text.slice(at + drop), 'a.json');
        } catch (error) {
          if (!JudgeDecodingError.is(error, 'invalid-file')) throw error;
        }
      }),
      { numRuns: 300 },
    );
  });
});
