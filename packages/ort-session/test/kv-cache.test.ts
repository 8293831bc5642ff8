import { expect, test } from 'vitest';
import { KvCache } from '../src/kv-cache.ts';

const shape = {
  layers: 2,
  hiddenSize: 8,
  attentionHeads: 2,
  keyValueHeads: 1,
  headDim: 3,
  tokenCount: 10,
  contextLength: 300,
  window: null,
};
/** `rows` rows for each of four buffers: buffer b, row r is filled with 100 · b + r + from. */
const newRows = (rows: number, from: number) =>
  Float32Array.from({ length: 4 * rows * 3 }, (_, index) => {
    const buffer = Math.floor(index / (rows * 3));
    return 100 * buffer + (Math.floor(index / 3) % rows) + from;
  });
const firstOfRows = (cache: KvCache, buffer: number) =>
  [...cache.view(buffer, cache.length)].filter((_, index) => index % 3 === 0);

test('rows are appended to the buffer of their layer and kind', () => {
  const cache = new KvCache(shape);
  cache.append(newRows(2, 0), 2);
  cache.append(newRows(1, 2), 1);
  expect(cache.length).toBe(3);
  expect([0, 1, 2, 3].map((buffer) => firstOfRows(cache, buffer))).toEqual([
    [0, 1, 2],
    [100, 101, 102],
    [200, 201, 202],
    [300, 301, 302],
  ]);
});

test('shortening keeps the buffers, and what comes next overwrites what was forgotten', () => {
  const cache = new KvCache(shape);
  cache.append(newRows(5, 0), 5);
  const { capacity } = cache;
  cache.length = 2;
  cache.append(newRows(1, 50), 1);
  expect(cache.capacity).toBe(capacity);
  expect(firstOfRows(cache, 1)).toEqual([100, 101, 150]);
});

test('buffers double, keep what is valid, and stop at the context', () => {
  const cache = new KvCache(shape);
  const seen: number[] = [];
  for (let row = 0; row < 300; row++) {
    cache.append(newRows(1, row), 1);
    if (seen.at(-1) !== cache.capacity) seen.push(cache.capacity);
  }
  expect(seen).toEqual([64, 128, 256, 300]);
  expect(firstOfRows(cache, 3)).toEqual(Array.from({ length: 300 }, (_, row) => 300 + row));
});

test('a leading row stays zero, whatever is appended behind it', () => {
  const cache = new KvCache(shape, 1);
  cache.append(newRows(2, 5), 2);
  // of two rows read, the second is nobody's
  cache.append(newRows(2, 9), 1, 2);
  cache.reserve(200);
  const width = cache.view(0, 1).length;
  expect([...cache.view(0, 1)]).toEqual(Array(width).fill(0));
  const rows = cache.view(0, 1 + cache.length);
  expect([rows.length / width, rows[width], rows[2 * width], rows[3 * width]]).toEqual([4, 5, 6, 9]);
});

test('freed, it holds nothing and can be used again', () => {
  const cache = new KvCache(shape);
  cache.append(newRows(3, 0), 3);
  cache.free();
  expect([cache.length, cache.capacity]).toEqual([0, 0]);
  cache.append(newRows(1, 7), 1);
  expect(firstOfRows(cache, 0)).toEqual([7]);
});
