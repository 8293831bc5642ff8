import { JudgeDecodingError } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { ensure, ensureClose, ensureRejects, ensureSame } from '../src/index.ts';

const broken = (error: unknown) => JudgeDecodingError.is(error, 'mismatch');
const throwing = (code: 'busy' | 'disposed') => () => {
  throw new JudgeDecodingError(code, 'no');
};

test('ensure passes what holds and names what does not', () => {
  expect(() => ensure(true, 'fine')).not.toThrow();
  expect(() => ensure(false, 'the reason')).toThrow('the reason');
});

test.each([
  { actual: 1, expected: 1, same: true },
  { actual: 0, expected: -0, same: true },
  { actual: Number.NaN, expected: Number.NaN, same: true },
  { actual: 1, expected: 1 + 1e-12, same: false },
  { actual: '1', expected: 1, same: false },
  { actual: undefined, expected: null, same: false },
  { actual: [1, 2], expected: Int32Array.of(1, 2), same: true },
  { actual: [1, 2], expected: [1, 2, 3], same: false },
  { actual: [1, 2, 3], expected: [1, 2], same: false },
  { actual: [[1], ['a']], expected: [[1], ['a']], same: true },
  { actual: [[1], ['a']], expected: [[1], ['b']], same: false },
  { actual: [], expected: undefined, same: false },
])('ensureSame($actual, $expected) holds: $same', ({ actual, expected, same }) => {
  if (same) expect(() => ensureSame(actual, expected, 'it')).not.toThrow();
  else expect(() => ensureSame(actual, expected, 'it')).toThrow(/^it/);
});

test.each([
  { actual: [1], expected: [1.0009], scale: undefined, close: true },
  { actual: [1], expected: [1.0012], scale: undefined, close: false },
  // The scale is the largest magnitude expected, but never below 1 …
  { actual: [0.01, 1000], expected: [0.9, 1000], scale: undefined, close: true },
  { actual: [0.0001], expected: [0.001], scale: undefined, close: true },
  // … unless one is given.
  { actual: [0.0001], expected: [0.001], scale: 0.001, close: false },
  { actual: [Number.NaN], expected: [1], scale: undefined, close: false },
  { actual: [1], expected: [Number.NaN], scale: undefined, close: false },
  { actual: [Number.NaN], expected: [Number.NaN], scale: undefined, close: false },
  { actual: [Number.NEGATIVE_INFINITY], expected: [Number.NEGATIVE_INFINITY], scale: undefined, close: true },
  { actual: [-1e30], expected: [Number.NEGATIVE_INFINITY], scale: undefined, close: false },
  { actual: [1], expected: [1, 1], scale: undefined, close: false },
])(
  'ensureClose($actual, $expected) by 1e-3 of $scale holds: $close',
  ({ actual, expected, scale, close }) => {
    const call = () => ensureClose(actual, expected, 1e-3, 'it', scale);
    if (close) expect(call).not.toThrow();
    else expect(call).toThrow(/^it/);
  },
);

test('ensureRejects takes a refusal, thrown or rejected, of a code it was given', async () => {
  const error = await ensureRejects(throwing('busy'), ['disposed', 'busy'], 'it');
  expect(error.code).toBe('busy');
  await ensureRejects(async () => throwing('busy')(), ['busy'], 'it');
});

test.each([
  ['no refusal', () => undefined],
  ['a resolved promise', async () => 3],
  ['another code', throwing('disposed')],
  ['an untyped error', () => Promise.reject(new Error('busy'))],
])('ensureRejects does not take %s', async (_, call) => {
  await expect(ensureRejects(call, ['busy'], 'it')).rejects.toSatisfy(broken);
});
