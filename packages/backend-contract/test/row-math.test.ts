import { expect, test } from 'vitest';
import { argmaxOf, deviationOf, dotOf, entropyOf, logSumExpOf, topOf } from '../src/row-math.ts';

test('the argmax is the lowest id among equals', () => {
  expect(argmaxOf(Float32Array.of(1, 3, 3, 2))).toBe(1);
  expect(topOf(Float32Array.of(1, 3, 3, 2), 3)).toEqual([1, 2, 3]);
});

test('log-sum-exp and entropy of a known distribution', () => {
  const row = Float64Array.of(Math.log(0.5) + 1000, Math.log(0.25) + 1000, Math.log(0.25) + 1000, -1e30);
  expect(logSumExpOf(row)).toBeCloseTo(1000, 9);
  expect(entropyOf(row, logSumExpOf(row))).toBeCloseTo(1.5 * Math.LN2, 9);
  const impossible = Float64Array.of(0, Number.NEGATIVE_INFINITY);
  expect(entropyOf(impossible, logSumExpOf(impossible))).toBe(0);
});

test('dot product and standard deviation', () => {
  expect(dotOf(Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6))).toBe(32);
  expect(deviationOf(Float32Array.of(2, 4, 4, 4, 5, 5, 7, 9))).toBe(2);
  expect(deviationOf(Float32Array.of(3, 3, Number.NEGATIVE_INFINITY))).toBe(0);
});
