import type { ForwardOutputs, HeadTerm, OutputRequest } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { fetchedFor, joinOutputs } from '../src/outputs.ts';

const judge: HeadTerm[] = [{ layer: 'last', state: 'post-norm', row: 'own', weights: new Float32Array(2) }];

test.each<{ request: OutputRequest; fetched: string[] }>([
  { request: {}, fetched: [] },
  { request: { argmax: true }, fetched: ['argmax'] },
  { request: { chosen: true }, fetched: ['logits'] },
  { request: { top: 3, logits: true }, fetched: ['logits'] },
  { request: { judge }, fetched: ['postNorm'] },
  { request: { argmax: true, judge, hidden: ['pre-norm'] }, fetched: ['argmax', 'preNorm', 'postNorm'] },
])('$request fetches $fetched', ({ request, fetched }) => {
  expect(fetchedFor(request)).toEqual(fetched);
});

test('the outputs of chunks are those of one pass', () => {
  const request = { argmax: true, chosen: true, top: 1, judge, hidden: ['pre-norm'], logits: true } as const;
  const part = (from: number, rows: number, chosen: number): Partial<ForwardOutputs> => {
    const floats = (length: number) => Float32Array.from({ length }, (_, index) => from + index);
    return {
      argmax: Int32Array.from({ length: rows }, (_, index) => from + index),
      chosen: floats(chosen),
      top: {
        count: 1,
        ids: Int32Array.from({ length: rows }, (_, index) => from + index),
        logProbs: floats(rows),
        logSumExp: floats(rows),
        entropy: floats(rows),
      },
      judge: floats(rows),
      hidden: [floats(2 * rows)],
      logits: floats(3 * rows),
    };
  };
  const joined = joinOutputs([part(0, 2, 2), part(10, 2, 1)], request) as ForwardOutputs;
  expect([...joined.argmax]).toEqual([0, 1, 10, 11]);
  expect([...joined.chosen]).toEqual([0, 1, 10]);
  expect([...joined.top.ids]).toEqual([0, 1, 10, 11]);
  expect([...joined.top.entropy]).toEqual([0, 1, 10, 11]);
  expect([...joined.judge]).toEqual([0, 1, 10, 11]);
  expect([...joined.hidden[0]!]).toEqual([0, 1, 2, 3, 10, 11, 12, 13]);
  expect(joined.logits).toHaveLength(12);
});
