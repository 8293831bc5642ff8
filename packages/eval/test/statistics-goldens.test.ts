import { describe, expect, test } from 'vitest';
import {
  agrestiMin,
  bootstrap,
  bootstrapCounts,
  mcnemar,
  nonInferiority,
  normalQuantile,
  pairedAccuracy,
  problemsNeeded,
  repeatFigures,
  retention,
  wilson,
} from '../src/index.ts';

// all numbers but those with a source of their own: tools/statistics-goldens, by scipy and numpy

test.each([
  [0, 0, 1],
  [5, 0, 0.0625],
  [1, 7, 0.0703125],
  // Agresti, Categorical Data Analysis: approval of a prime minister, 86 and 150 of 1,600 changed their minds
  [86, 150, 3.7159361395713866e-5],
  [13, 31, 0.009559878856634896],
  [900, 1100, 8.45708953550381e-6],
  [3, 0, 0.25],
])('McNemar’s exact test: %d lost, %d won', (lost, won, p) => {
  expect(mcnemar(lost, won) / p).toBeCloseTo(1, 9);
});

test.each([
  [0, 10, 0, 0.27753279986288926],
  [81, 100, 0.7222115462093562, 0.8748524849023126],
  [991, 1000, 0.9829841838346619, 0.9952579393325228],
  [10, 10, 0.7224672001371109, 1],
  [1, 1, 0.20654931437723745, 1],
])('Wilson: %d of %d', (successes, count, low, high) => {
  expect(wilson(successes, count).low).toBeCloseTo(low, 10);
  expect(wilson(successes, count).high).toBeCloseTo(high, 10);
});

test.each([
  [300, 0, 0, -0.006489946968675676, 0.006489946968675676],
  [100, 7, 2, -0.10903454749788415, 0.010995331811609638],
  [1319, 31, 13, -0.02355182328260349, -0.0037002584736417817],
])('Agresti and Min: of %d, %d lost, %d won', (count, lost, won, low, high) => {
  expect(agrestiMin(count, lost, won).low).toBeCloseTo(low, 10);
  expect(agrestiMin(count, lost, won).high).toBeCloseTo(high, 10);
});

test.each([
  [1e-9, -5.9978070150076865],
  [0.001, -3.090232306167813],
  [0.02, -2.053748910631823],
  [0.025, -1.9599639845400545],
  [0.1, -1.2815515655446004],
  [0.5, 0],
  [0.8, 0.8416212335729143],
  [0.9, 1.2815515655446004],
  [0.975, 1.959963984540054],
  [0.9999, 3.719016485455709],
])('the normal quantile of %d', (share, z) => {
  expect(normalQuantile(share)).toBeCloseTo(z, 9);
});

/** The same numbers as `sample` in the script: prompts with an ease of their own. */
function sample(seed: number, prompts: number, repeats: number): number[][] {
  let state = seed;
  const next = () => {
    // 31 bits times 31 bits do not fit into a double
    state = Number((BigInt(state) * 1103515245n + 12345n) % 2147483648n);
    return state / 2147483648;
  };
  return Array.from({ length: prompts }, () => {
    const ease = next();
    return Array.from({ length: repeats }, () => (next() < ease ? 1 : 0));
  });
}

describe('the bootstrap, clustered', () => {
  const rows = sample(7, 120, 5);
  const values = rows.flat();
  const clusters = rows.flatMap((row, prompt) => row.map(() => String(prompt)));
  const mean = (indices: Int32Array) => indices.reduce((sum, i) => sum + values[i]!, 0) / indices.length;

  test('is over the same numbers as the script', () => {
    expect(values.reduce((a, b) => a + b, 0) / values.length).toBeCloseTo(0.545, 12);
  });

  test('by prompt is as wide as numpy’s, and as theory’s', () => {
    const { low, high } = bootstrap(values.length, mean, { clusters });
    expect(low).toBeCloseTo(0.48166666, 2);
    expect(high).toBeCloseTo(0.60666666, 2);
    expect((high - low) / 2).toBeCloseTo(0.0623176067505092, 2);
  });

  test('is wider than one that takes repeats for new prompts', () => {
    const naive = bootstrap(values.length, mean);
    expect(naive.low).toBeCloseTo(0.505, 2);
    expect(naive.high).toBeCloseTo(0.585, 2);
    const clustered = bootstrap(values.length, mean, { clusters });
    expect(clustered.high - clustered.low).toBeGreaterThan(1.4 * (naive.high - naive.low));
  });

  test('takes clusters of different sizes whole', () => {
    const sizes = ['a', 'a', 'a', 'b'];
    const lengths = new Set<number>();
    bootstrap(4, (indices) => lengths.add(indices.length).size, { clusters: sizes, resamples: 200 });
    expect([...lengths].sort()).toEqual([2, 4, 6]);
  });
});

describe('the bootstrap over counts', () => {
  const rows = sample(11, 200, 3);
  const kinds = rows.flat();
  const clusters = rows.flatMap((row, prompt) => row.map(() => String(prompt)));
  const strata = rows.flatMap((row, prompt) => row.map(() => (prompt % 3 === 0 ? 'a' : 'b')));
  const mean = (indices: Int32Array) => indices.reduce((sum, i) => sum + kinds[i]!, 0) / indices.length;
  const share = ([none = 0, one = 0]: Float64Array) => one / (none + one);

  test.each([
    ['items', {}],
    ['clusters', { clusters }],
    ['clusters within strata', { clusters, strata }],
  ])('gives what the one over items gives, by %s', (_, options) => {
    const [slow, fast] = [bootstrap(kinds.length, mean, options), bootstrapCounts(kinds, 2, share, options)];
    expect(fast.low).toBeCloseTo(slow.low, 2);
    expect(fast.high).toBeCloseTo(slow.high, 2);
  });

  test('is as wide as theory says for thousands of items', () => {
    const many = Array.from({ length: 4000 }, (_, i) => Number(i % 5 === 0));
    const { low, high } = bootstrapCounts(many, 2, share);
    const half = 1.96 * Math.sqrt((0.2 * 0.8) / 4000);
    expect(low).toBeCloseTo(0.2 - half, 3);
    expect(high).toBeCloseTo(0.2 + half, 3);
  });
});

describe('how many problems a claim needs', () => {
  test.each([
    [0.01, 0.04, 3140],
    [0.02, 0.04, 785],
    [0.01, 0.05, 3925],
    [0.005, 0.01, 3140],
  ])('to bound a loss of %d where %d differ: %d', (margin, discordance, count) => {
    expect(problemsNeeded({ margin, discordance })).toBe(count);
  });

  test('at 95 % one-sided and 5 % discordance, one point takes some 1,350 for even chances', () => {
    // 1.645^2 * 0.05 / 0.01^2: what is needed for the bound alone, without power
    expect(problemsNeeded({ margin: 0.01, discordance: 0.05, power: 0.5, alpha: 0.05 })).toBe(1353);
  });

  test.each([[0], [1], [Number.NaN]])('a margin of %d is refused', (margin) => {
    expect(() => problemsNeeded({ margin, discordance: 0.1 })).toThrow('margin');
  });
});

describe('non-inferiority', () => {
  const pairs = (count: number, lost: number, won: number) =>
    Array.from({ length: count }, (_, i) => ({
      arm: i >= lost && (i < lost + won || i % 5 > 0),
      reference: i < lost || (i >= lost + won && i % 5 > 0),
    }));
  test.each([
    { count: 4000, lost: 10, won: 8, margin: 0.01, verdict: 'non-inferior' },
    { count: 4000, lost: 200, won: 20, margin: 0.01, verdict: 'inferior' },
    { count: 300, lost: 3, won: 2, margin: 0.01, verdict: 'open' },
    { count: 4000, lost: 50, won: 8, margin: 0.01, verdict: 'open' },
  ])(
    '$lost lost and $won won of $count within $margin: $verdict',
    ({ count, lost, won, margin, verdict }) => {
      const paired = pairedAccuracy(pairs(count, lost, won), { resamples: 4000 });
      expect([paired.lost, paired.won]).toEqual([lost, won]);
      expect(nonInferiority(paired, margin)).toEqual({ verdict, margin });
    },
  );

  test('without a margin stated before the run nothing is said', () => {
    const paired = pairedAccuracy(pairs(4000, 0, 0), { resamples: 100 });
    expect(nonInferiority(paired, undefined)).toEqual({ verdict: 'no margin stated' });
  });
});

test('retention is the share of the gap that is kept', () => {
  // target right on 80, draft on 50, the arm on 74 of 100: (74 - 50) / (80 - 50)
  const triples = Array.from({ length: 100 }, (_, i) => ({ arm: i < 74, target: i < 80, draft: i < 50 }));
  const found = retention(triples, { resamples: 2000 });
  expect(found.retention).toBeCloseTo(0.8, 12);
  expect(found.gap).toBeCloseTo(0.3, 12);
  expect(found.interval.low).toBeGreaterThan(0.55);
  expect(found.interval.high).toBeLessThan(0.97);
});

test('repeats: how many problems flip, and how often two runs differ', () => {
  const run = (problem: string, correct: boolean, hash = String(correct)) => ({ problem, correct, hash });
  const runs = [
    ...[true, true, true].map((right) => run('a', right)),
    ...[true, false, false].map((right, i) => run('b', right, String(i))),
    run('alone', true),
  ];
  const figures = repeatFigures(runs)!;
  expect(figures.problems).toBe(2);
  expect(figures.flipping).toBe(0.5);
  // b: two of its three pairs differ
  expect(figures.flipRate).toBeCloseTo((0 + 2 / 3) / 2, 12);
  expect(figures.textsDiffer).toBe(0.5);
  expect(repeatFigures([run('a', true)])).toBeUndefined();
});
