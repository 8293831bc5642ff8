import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  agrestiMin,
  bootstrap,
  mcnemar,
  median,
  pairedAccuracy,
  pairedSpeed,
  pairedSpeeds,
  wilson,
} from '../src/index.ts';

// Wilson's formula, evaluated in Python
test.each([
  { successes: 0, count: 10, low: 0, high: 0.2775327998628892 },
  { successes: 81, count: 100, low: 0.7222115462093562, high: 0.8748524849023126 },
  { successes: 991, count: 1000, low: 0.982984183834662, high: 0.9952579393325229 },
])('Wilson’s interval of $successes in $count', ({ successes, count, low, high }) => {
  const interval = wilson(successes, count);
  expect(interval.low).toBeCloseTo(low, 10);
  expect(interval.high).toBeCloseTo(high, 10);
});

describe('McNemar’s exact test', () => {
  test.each([
    { lost: 0, won: 0, p: 1 },
    { lost: 5, won: 0, p: 0.0625 },
    { lost: 1, won: 7, p: 0.0703125 },
    { lost: 10, won: 10, p: 1 },
  ])('gives $p for $lost lost and $won won', ({ lost, won, p }) => {
    expect(mcnemar(lost, won)).toBeCloseTo(p, 12);
  });

  test('does not underflow for thousands of pairs', () => {
    expect(mcnemar(900, 1100)).toBeGreaterThan(1e-6);
    expect(mcnemar(900, 1100)).toBeLessThan(1e-4);
  });
});

test.each([
  // by the formula, in Python: n + 2 pairs, half of one added to each cell
  { count: 300, lost: 0, won: 0, low: -0.0064899, high: 0.0064899 },
  { count: 100, lost: 7, won: 2, low: -0.1090345, high: 0.0109953 },
])('Agresti and Min’s interval of $lost lost and $won won in $count', ({ count, lost, won, low, high }) => {
  const interval = agrestiMin(count, lost, won);
  expect(interval.low).toBeCloseTo(low, 6);
  expect(interval.high).toBeCloseTo(high, 6);
});

describe('the bootstrap', () => {
  test('of a mean is as wide as theory says', () => {
    const values = Float64Array.from({ length: 400 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const mean = (indices: Int32Array) => indices.reduce((sum, i) => sum + values[i]!, 0) / indices.length;
    const { low, high } = bootstrap(400, mean, { resamples: 4000 });
    const half = 1.96 * Math.sqrt((0.25 * 0.75) / 400);
    expect(low).toBeCloseTo(0.25 - half, 1);
    expect(high).toBeCloseTo(0.25 + half, 1);
    expect(bootstrap(400, mean, { resamples: 4000 })).toEqual({ low, high });
  });

  test('within strata keeps the number from each', () => {
    const strata = ['a', 'a', 'b', 'b', 'b'];
    const countOfA = (indices: Int32Array) => indices.filter((i) => strata[i] === 'a').length;
    expect(bootstrap(5, countOfA, { strata, resamples: 200 })).toEqual({ low: 2, high: 2 });
  });
});

test('the median lies in the middle', () => {
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
});

test('a paired difference counts flips both ways, and its interval holds it', () => {
  const pair = fc.record({ arm: fc.boolean(), reference: fc.boolean() });
  fc.assert(
    fc.property(fc.array(pair, { minLength: 1, maxLength: 40 }), (pairs) => {
      const paired = pairedAccuracy(pairs, { resamples: 200 });
      const right = (side: 'arm' | 'reference') => pairs.filter((one) => one[side]).length;
      expect(paired.difference).toBeCloseTo((right('arm') - right('reference')) / pairs.length, 12);
      expect(paired.interval.low).toBeLessThanOrEqual(paired.difference + 1e-12);
      expect(paired.interval.high).toBeGreaterThanOrEqual(paired.difference - 1e-12);
    }),
    { numRuns: 50 },
  );
});

test('an arm that is twice as fast on every problem is twice as fast, whatever the lengths', () => {
  const pairs = [100, 200, 300].map((tokens) => ({
    tokens,
    milliseconds: tokens / 2,
    referenceTokens: tokens + 7,
    referenceMilliseconds: tokens + 7,
  }));
  const { ratio, interval, medianRatio, medianInterval } = pairedSpeed(pairs, { resamples: 100 });
  for (const value of [
    ratio,
    interval.low,
    interval.high,
    medianRatio,
    medianInterval.low,
    medianInterval.high,
  ])
    expect(value).toBeCloseTo(2, 12);
});

test('a stratum of one cluster makes no interval narrower than there being no strata', () => {
  const pairs = [1, 2, 3, 4].map((times) => ({
    tokens: 10,
    milliseconds: 10 / times,
    referenceTokens: 10,
    referenceMilliseconds: 10,
  }));
  const options = { resamples: 500, strata: ['a', 'b', 'c', 'd'] };
  const { whole, byStratum } = pairedSpeeds(pairs, options);
  expect(whole.interval).toEqual(pairedSpeed(pairs, { resamples: 500 }).interval);
  expect(whole.interval.high - whole.interval.low).toBeGreaterThan(1);
  expect(byStratum.get('c')).toMatchObject({ pairs: 1, interval: { low: Number.NaN } });
  expect(byStratum.get('c')!.ratio).toBeCloseTo(3);
  // strata of several: the parts' own intervals, and the whole is of both
  const halves = pairedSpeeds(pairs, { resamples: 500, strata: ['a', 'a', 'b', 'b'] });
  expect(halves.byStratum.get('a')!.interval).toEqual({ low: 1, high: 2 });
  expect(halves.whole.interval.low).toBeGreaterThan(1);
});
