import type { TensorSource } from '@judge-decoding/checkpoint';
import { expect, test } from 'vitest';
import { floatRows, lookupForm, matrixCodes, matrixForm, packCodes } from '../src/matrix-forms.ts';
import { RoundingError } from '../src/requantise.ts';

test('a matrix of any size passes through in parts of a few megabytes', async () => {
  const [rows, columns] = [50_000, 96];
  const name = 'large';
  const tensors = {
    info: () => ({ name, shape: [rows, columns], type: 'F32', byteLength: 4 * rows * columns }),
    read: async (_: string, range = { first: 0, count: rows }) => new Float32Array(range.count * columns),
  } as unknown as TensorSource;
  let [codes, floats, largest] = [0, 0, 0];
  const matrix = { name, rows, columns, form: matrixForm('F32', 4) };
  for await (const part of matrixCodes(tensors, matrix, new RoundingError())) {
    codes += part.codes.length;
    largest = Math.max(largest, part.codes.length);
  }
  for await (const part of floatRows(tensors, name, rows, columns)) {
    floats += part.length;
    largest = Math.max(largest, part.length);
  }
  expect([codes, floats]).toEqual([rows * columns, rows * columns]);
  expect(largest).toBeLessThanOrEqual(2 ** 21);
});

test('codes are packed with zeros behind a short last block', () => {
  const codes = Int8Array.of(-8, 7, 3, 0, -1);
  const four = packCodes(codes, 5, { bits: 4, block: 16, offsets: false });
  expect([...four]).toEqual([0xf0, 0x8b, 0x87, ...Array(5).fill(0x88)]);
  const eight = packCodes(codes, 5, { bits: 8, block: 16, offsets: false });
  expect([...eight]).toEqual([120, 135, 131, 128, 127, ...Array(11).fill(128)]);
});

test('what a file has in blocks stays in them, where the dtype allows so many bits and the product is quick', () => {
  expect(matrixForm('Q4_K', 4)).toEqual({ bits: 4, block: 32, offsets: true, exact: true });
  expect(matrixForm('Q5_0', 8)).toEqual({ bits: 8, block: 32, offsets: false, exact: true });
  expect(matrixForm('Q6_K', 8)).toEqual({ bits: 8, block: 64, offsets: false, exact: false });
  expect(matrixForm('Q6_K', 4)).toEqual({ bits: 4, block: 32, offsets: false, exact: false });
  expect(matrixForm('BF16', 8)).toEqual({ bits: 8, block: 32, offsets: false, exact: false });
});

test('rows that are looked up stay as the file has them', () => {
  expect(lookupForm('Q6_K', 256)).toEqual({ bits: 8, block: 16, offsets: false, exact: true });
  expect(lookupForm('Q4_K', 256)).toEqual({ bits: 4, block: 32, offsets: true, exact: true });
  expect(lookupForm('BF16', 96)).toEqual({ bits: 8, block: 32, offsets: false, exact: false });
  expect(lookupForm('BF16', 40)).toBeUndefined();
});
