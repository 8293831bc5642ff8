import { expect, test } from 'vitest';
import { RowTensors } from '../src/row-tensors.ts';
import { fakeRuntime, rowsOf } from './fake-runtime.ts';

const tensors = (groups: number) =>
  new RowTensors(fakeRuntime, {
    layers: 1,
    hiddenSize: 8,
    attentionHeads: groups,
    keyValueHeads: 1,
    headDim: 2,
    tokenCount: 10,
    contextLength: 64,
    window: null,
  });
/** 1 where a row may look. */
const open = (rows: number[][]) => rows.map((row) => row.map((value) => (value === 0 ? 1 : 0)));

test('each row sees the past and the rows up to its own', () => {
  expect(open(rowsOf(tensors(1).mask(3, 2, false)))).toEqual([
    [1, 1, 1, 0, 0],
    [1, 1, 1, 1, 0],
    [1, 1, 1, 1, 1],
  ]);
});

test('nobody sees a hidden first row', () => {
  expect(open(rowsOf(tensors(1).mask(2, 1, true)))).toEqual([
    [0, 1, 0],
    [0, 1, 1],
  ]);
  expect(open(rowsOf(tensors(1).mask(1, 1, true)))).toEqual([[0, 1]]);
});

test('a large mask that is released is empty, the mask of a single row stays', () => {
  const one = tensors(4);
  const [several, single] = [one.mask(40, 1000, false), one.mask(1, 5000, false)];
  one.release(several);
  one.release(single);
  expect(several.data.length).toBe(0);
  expect(single.data.length).toBe(4 * 5001);
});

test('a row twice', () => {
  expect([...(tensors(1).twice(3).data as Int32Array)]).toEqual([3, 3]);
});

test('query heads of a group have the same rows, one head after another', () => {
  const rows = open(rowsOf(tensors(2).mask(2, 1, false)));
  expect(rows).toEqual([
    [1, 1, 0],
    [1, 1, 1],
    [1, 1, 0],
    [1, 1, 1],
  ]);
});

test('a single row sees everything, however long the past has become', () => {
  const one = tensors(3);
  for (const past of [1, 5, 40])
    expect(rowsOf(one.mask(1, past, false))).toEqual(Array(3).fill(Array(past + 1).fill(0)));
});

test.each([
  { which: 'all', picked: [0, 1, 2, 3] },
  { which: 'last', picked: [3] },
  { which: 'none', picked: [] },
] as const)('picking $which of four rows', ({ which, picked }) => {
  const rows = tensors(1);
  const tensor = rows.picked(4, which);
  expect([...(tensor.data as Int32Array)]).toEqual(picked);
  expect(rows.picked(4, which)).toBe(tensor);
});
