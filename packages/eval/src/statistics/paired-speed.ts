import { type Random, seededRandom } from '@judge-decoding/tasks';
import { type BootstrapOptions, clustersOf, median, quantile } from './bootstrap.ts';
import { medianInterval } from './median-interval.ts';
import type { Interval } from './wilson.ts';

/** Tokens and time of the same problem under an arm and under the reference. */
export interface SpeedPair {
  readonly tokens: number;
  readonly milliseconds: number;
  readonly referenceTokens: number;
  readonly referenceMilliseconds: number;
}

/** How many times as fast an arm is, in tokens per second. */
export interface PairedSpeed {
  readonly pairs: number;
  /** Total tokens over total time, over the reference's. */
  readonly ratio: number;
  readonly interval: Interval;
  /** Median of the problems' own ratios. */
  readonly medianRatio: number;
  /** By order statistics: it supposes nothing about how ratios are spread. */
  readonly medianInterval: Interval;
}

/** How many times as fast an arm is on the same problems: the ratio of tokens a second, with its 95 % interval. */
export const pairedSpeed = (pairs: readonly SpeedPair[], options: BootstrapOptions = {}): PairedSpeed =>
  pairedSpeeds(pairs, options).whole;

/**
 * The same for all pairs and for every stratum by itself. A resample of the whole is one of each stratum, so
 * the strata are drawn once and added up.
 */
export function pairedSpeeds(
  pairs: readonly SpeedPair[],
  options: BootstrapOptions = {},
): { readonly whole: PairedSpeed; readonly byStratum: ReadonlyMap<string, PairedSpeed> } {
  const { resamples = 10_000, seed = 0, strata } = options;
  const random = seededRandom('speeds', seed, pairs.length);
  const drawn = clustersOf(pairs.length, options).map((clusters) => ({
    own: clusters.flatMap((cluster) => Array.from(cluster, (i) => pairs[i]!)),
    stratum: strata?.[clusters[0]?.[0] ?? 0] ?? '',
    totals: resampledTotals(
      clusters.map((cluster) => totalsOf(Array.from(cluster, (i) => pairs[i]!))),
      resamples,
      random,
    ),
  }));
  const all = new Float64Array(COLUMNS * resamples);
  for (const { totals } of drawn) for (let i = 0; i < all.length; i++) all[i]! += totals[i]!;
  const names = [...new Set(pairs.map((_, index) => strata?.[index] ?? ''))];
  const byStratum = names.map((name) => {
    const found = drawn.length === names.length ? drawn.find(({ stratum }) => stratum === name) : undefined;
    if (found !== undefined) return [name, figuresOf(found.own, found.totals)] as const;
    // strata of one cluster, which have no spread
    return [
      name,
      figuresOf(
        pairs.filter((_, index) => strata?.[index] === name),
        undefined,
      ),
    ] as const;
  });
  return { whole: figuresOf(pairs, all), byStratum: new Map(byStratum) };
}

/** Tokens, time, and the reference's. */
type Totals = readonly [number, number, number, number];
const COLUMNS = 4;

const totalsOf = (pairs: readonly SpeedPair[]): Totals => {
  const sum = (name: keyof SpeedPair) => pairs.reduce((total, pair) => total + pair[name], 0);
  return [sum('tokens'), sum('milliseconds'), sum('referenceTokens'), sum('referenceMilliseconds')];
};

const ratioOf = ([tokens, time, otherTokens, otherTime]: Totals): number =>
  tokens / time / (otherTokens / otherTime);

/** Each resample draws as many clusters as there are, with replacement: their totals, one resample after another. */
function resampledTotals(clusters: readonly Totals[], resamples: number, random: Random): Float64Array {
  const count = clusters.length;
  const columns = Float64Array.from(clusters.flat());
  const totals = new Float64Array(COLUMNS * resamples);
  for (let i = 0; i < resamples; i++) {
    let [tokens, time, otherTokens, otherTime] = [0, 0, 0, 0];
    for (let drawn = 0; drawn < count; drawn++) {
      const at = COLUMNS * ((random() * count) | 0);
      tokens += columns[at]!;
      time += columns[at + 1]!;
      otherTokens += columns[at + 2]!;
      otherTime += columns[at + 3]!;
    }
    totals.set([tokens, time, otherTokens, otherTime], COLUMNS * i);
  }
  return totals;
}

/** Without resamples there is no interval. */
function figuresOf(pairs: readonly SpeedPair[], totals: Float64Array | undefined): PairedSpeed {
  const ratios = pairs.map((pair) => ratioOf(totalsOf([pair])));
  return {
    pairs: pairs.length,
    ratio: ratioOf(totalsOf(pairs)),
    interval: intervalOf(pairs.length < 2 ? undefined : totals),
    medianRatio: pairs.length === 0 ? Number.NaN : median(ratios),
    medianInterval: medianInterval(ratios),
  };
}

function intervalOf(totals: Float64Array | undefined): Interval {
  if (totals === undefined) return { low: Number.NaN, high: Number.NaN };
  const values = new Float64Array(totals.length / COLUMNS);
  for (let i = 0; i < values.length; i++) {
    const at = COLUMNS * i;
    values[i] = ratioOf([totals[at]!, totals[at + 1]!, totals[at + 2]!, totals[at + 3]!]);
  }
  values.sort();
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}
