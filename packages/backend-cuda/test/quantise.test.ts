import { narrow, widen } from '@judge-decoding/checkpoint';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  dequantiseRows,
  e4m3,
  INT4_GROUP,
  nearestEven,
  quantiseRows,
  roundedRows,
} from '../src/weights/quantise.ts';

const numbers = (length: number) =>
  fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -8, max: 8 }), {
    minLength: length,
    maxLength: length,
  });

test('ties are rounded to the even neighbour, as C’s rint does', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 3.4999, 3.5].map(nearestEven)).toEqual([
    0, 2, 2, -0, -2, -2, 3, 4,
  ]);
});

/** Every e4m3 number that is not negative, from its bits. */
const E4M3 = Array.from({ length: 127 }, (_, bits) => {
  const [exponent, fraction] = [bits >> 3, bits & 7];
  return exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7);
});

test('e4m3 keeps each of its numbers, and rounds all others to a nearest one', () => {
  for (const value of E4M3) {
    expect(e4m3(value)).toBe(value);
    expect(e4m3(-value)).toBe(value === 0 ? -0 : -value);
  }
  expect(E4M3.at(-1)).toBe(448);
  expect(e4m3(10_000)).toBe(448);
  fc.assert(
    fc.property(fc.float({ noNaN: true, min: 0, max: 448 }), (value) => {
      const nearest = Math.min(...E4M3.map((number) => Math.abs(number - value)));
      expect(Math.abs(e4m3(value) - value)).toBe(nearest);
    }),
  );
  // half way: the even fraction
  expect(e4m3(17)).toBe(16);
  expect(e4m3(19)).toBe(20);
});

test.each([
  ['int8', -127, 127],
  ['int4', -8, 7],
  ['q4_0', -8, 7],
] as const)('%s: steps are whole, from %i to %i, and the nearest there is', (heldAs, lowest, highest) => {
  fc.assert(
    fc.property(numbers(2 * 160), (values) => {
      const rows = Float32Array.from(values);
      const quantised = quantiseRows(rows, 160, heldAs);
      const back = dequantiseRows(quantised, 160);
      const width = { int8: 160, int4: INT4_GROUP, q4_0: 32 }[heldAs];
      for (const [index, step] of quantised.steps.entries()) {
        expect(Number.isInteger(step) && step >= lowest && step <= highest).toBe(true);
        const row = Math.floor(index / 160);
        const group = Math.floor((index - row * 160) / width);
        const scale = quantised.scales[row * quantised.groups + group]!;
        // of four bits what lies opposite the largest value has no step of its own, but is not further off than one
        const half = step === highest && highest === 7 ? 1 : 0.5;
        // and a scale that float16 rounded down leaves the largest value out by a little more
        const allowed =
          half * Math.abs(scale) + (heldAs === 'int8' ? 1e-6 : Math.abs(rows[index]!) * 2 ** -10 + 1e-6);
        if (scale !== 0) expect(Math.abs(back[index]! - rows[index]!)).toBeLessThanOrEqual(allowed);
      }
    }),
    { numRuns: 40 },
  );
});

test.each([
  ['positive', 4, -0.5],
  ['negative', -4, 0.5],
])('int4: a largest value that is %s is minus eight steps, and kept', (_, largest, scale) => {
  const row = Float32Array.from({ length: 128 }, (_, index) => Math.sin(index) * 3);
  row[17] = largest;
  const { steps, scales } = quantiseRows(row, 128, 'int4');
  expect([steps[17], scales[0]]).toEqual([-8, scale]);
});

test('int4: of two values that are as large the positive one is minus eight steps, the other seven', () => {
  const { steps, scales } = quantiseRows(Float32Array.of(-4, 4, 1), 3, 'int4');
  expect([...steps, ...scales]).toEqual([7, -8, -2, -0.5]);
});

test('int4 scales are float16 numbers, one for each group of a row, the last one short', () => {
  const rows = Float32Array.from({ length: 2 * 300 }, (_, index) => Math.sin(index) * (1 + (index % 7)));
  const { scales, groups } = quantiseRows(rows, 300, 'int4');
  expect(groups).toBe(3);
  expect(scales.length).toBe(6);
  const again = new Float32Array(scales.length);
  widen(narrow(scales, 'F16'), 'F16', again, 0);
  expect(scales).toEqual(again);
});

test('rows of nought stay nought, in every type', () => {
  for (const heldAs of ['bf16', 'int8', 'int4', 'fp8'] as const) {
    expect(roundedRows(new Float32Array(256), 256, heldAs)).toEqual(new Float32Array(256));
  }
});

test('a row is rounded by itself: what stands beside it does not matter', () => {
  const row = Float32Array.from({ length: 256 }, (_, index) => Math.cos(index * 0.7));
  const loud = row.map((value) => value * 1000);
  for (const heldAs of ['bf16', 'int8', 'int4', 'fp8'] as const) {
    const alone = roundedRows(row, 256, heldAs);
    const beside = roundedRows(Float32Array.from([...loud, ...row]), 256, heldAs);
    expect(beside.subarray(256)).toEqual(alone);
  }
});
