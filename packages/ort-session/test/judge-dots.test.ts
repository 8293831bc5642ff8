import type { HeadTerm } from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { judgeDots } from '../src/judge-dots.ts';

const term = (state: HeadTerm['state'], ...weights: number[]): HeadTerm => ({
  layer: 'last',
  state,
  row: 'own',
  weights: Float32Array.from(weights),
});

test('each row by each term, of the state that the term names', () => {
  const states = { 'pre-norm': [1, 10, 2, 20], 'post-norm': [3, 30, 4, 40] };
  const terms = [term('post-norm', 1, 2), term('pre-norm', 3, 4), term('post-norm', 5, 6)];
  const dots = judgeDots(terms, 2, (state) => Float32Array.from(states[state as keyof typeof states]));
  expect([...dots]).toEqual([63, 43, 195, 84, 86, 260]);
  expect(judgeDots([], 2, () => expect.unreachable())).toHaveLength(0);
});

test('a row has the same bits alone as among others', () => {
  const size = 48;
  const floats = (length: number) =>
    fc
      .array(fc.float({ noNaN: true, min: -100, max: 100 }), { minLength: length, maxLength: length })
      .map((values) => Float32Array.from(values));
  fc.assert(
    fc.property(floats(size), floats(3 * size), (weights, states) => {
      const terms = [{ ...term('pre-norm'), weights }];
      const all = judgeDots(terms, 3, () => states);
      for (let row = 0; row < 3; row++) {
        const [alone] = judgeDots(terms, 1, () => states.subarray(row * size, (row + 1) * size));
        expect(alone).toBe(all[row]);
      }
    }),
  );
});
