import type { HeadTerm } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { HeadTerms } from '../src/head-terms.ts';
import { fakeRuntime, rowsOf } from './fake-runtime.ts';

const term = (state: HeadTerm['state'], ...weights: number[]): HeadTerm => ({
  layer: 'last',
  state,
  row: 'own',
  weights: Float32Array.from(weights),
});

test('terms are stacked by state, and each knows its column', () => {
  const terms = [term('post-norm', 1, 2), term('pre-norm', 3, 4), term('post-norm', 5, 6)];
  const { states, weights, columns } = new HeadTerms(fakeRuntime).prepare(terms);
  expect(states).toEqual(['pre_norm', 'post_norm']);
  expect(rowsOf(weights.pre_norm!)).toEqual([[3, 4]]);
  expect(rowsOf(weights.post_norm!)).toEqual([
    [1, 2],
    [5, 6],
  ]);
  expect(columns).toEqual([
    { state: 'post_norm', column: 0 },
    { state: 'pre_norm', column: 0 },
    { state: 'post_norm', column: 1 },
  ]);
});

test('the same term objects are stacked once, other objects with the same numbers are not them', () => {
  const heads = new HeadTerms(fakeRuntime);
  const [one, two] = [term('pre-norm', 1), term('pre-norm', 1)];
  expect(heads.prepare([one])).toBe(heads.prepare([one]));
  expect(heads.prepare([two])).not.toBe(heads.prepare([one]));
  expect(heads.prepare([one, two])).not.toBe(heads.prepare([two, one]));
});
