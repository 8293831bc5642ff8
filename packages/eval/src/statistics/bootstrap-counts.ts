import { type Random, seededRandom } from '@judge-decoding/tasks';
import { type BootstrapOptions, clustersOf, quantile } from './bootstrap.ts';
import type { Interval } from './wilson.ts';

/**
 * The same interval as `bootstrap` gives, for statistics that ask only how many items of each kind a
 * resample holds. Clusters of the same content are alike, so a resample is a draw from a multinomial:
 * thousands of problems cost what their few kinds cost. `kinds[i]` is the kind of item i, from 0.
 */
export function bootstrapCounts(
  kinds: readonly number[],
  kindCount: number,
  statistic: (counts: Float64Array) => number,
  options: BootstrapOptions = {},
): Interval {
  const { resamples = 10_000, seed = 0 } = options;
  if (kinds.length === 0) return { low: Number.NaN, high: Number.NaN };
  const strata = clustersOf(kinds.length, options).map((clusters) => contentsOf(clusters, kinds, kindCount));
  const random = seededRandom('bootstrap-counts', seed, kinds.length);
  const counts = new Float64Array(kindCount);
  const values = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    counts.fill(0);
    for (const contents of strata) draw(contents, counts, random);
    values[i] = statistic(counts);
  }
  values.sort();
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

/** What a cluster can hold, and how many clusters hold it; the most frequent last. */
interface Contents {
  readonly total: number;
  readonly kinds: readonly { readonly count: number; readonly held: Float64Array }[];
}

function contentsOf(clusters: readonly Int32Array[], kinds: readonly number[], kindCount: number): Contents {
  const found = new Map<string, { count: number; held: Float64Array }>();
  for (const cluster of clusters) {
    const held = new Float64Array(kindCount);
    for (const item of cluster) held[kinds[item]!]!++;
    const key = held.join();
    const same = found.get(key);
    if (same === undefined) found.set(key, { count: 1, held });
    else same.count++;
  }
  return {
    total: clusters.length,
    kinds: [...found.values()].sort((a, b) => a.count - b.count),
  };
}

/** Draws as many clusters as there are, with replacement, and adds up what they hold. */
function draw({ total, kinds }: Contents, counts: Float64Array, random: Random): void {
  let left = total;
  let weight = total;
  for (const [at, { count, held }] of kinds.entries()) {
    const drawn = at === kinds.length - 1 ? left : binomial(left, count / weight, random);
    left -= drawn;
    weight -= count;
    if (drawn > 0) for (let kind = 0; kind < held.length; kind++) counts[kind]! += drawn * held[kind]!;
    if (left === 0) return;
  }
}

/** Above this mean a binomial is drawn as the sum of two: the inversion below would lose its first term. */
const MOST_MEAN = 200;

/** Exact, by inversion. */
function binomial(trials: number, chance: number, random: Random): number {
  if (trials <= 0 || chance <= 0) return 0;
  if (chance >= 1) return trials;
  if (chance > 0.5) return trials - binomial(trials, 1 - chance, random);
  if (trials * chance > MOST_MEAN) {
    const half = trials >> 1;
    return binomial(half, chance, random) + binomial(trials - half, chance, random);
  }
  const odds = chance / (1 - chance);
  let term = Math.exp(trials * Math.log1p(-chance));
  let rest = random() - term;
  let successes = 0;
  while (rest >= 0 && successes < trials) {
    term *= (odds * (trials - successes)) / (successes + 1);
    successes++;
    rest -= term;
  }
  return successes;
}
