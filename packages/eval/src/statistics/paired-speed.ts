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
  const all = new Float64Array(COLUMNS * resamples);
  const byStratum = new Map<string, PairedSpeed>();
  // clusters come by stratum, in the order in which strata first appear
  const names = [...new Set(pairs.map((_, index) => strata?.[index] ?? ''))];
  for (const [at, clusters] of clustersOf(pairs.length, options).entries()) {
    const totals = resampledTotals(
      clusters.map((cluster) => totalsOf(Array.from(cluster, (i) => pairs[i]!))),
      resamples,
      random,
    );
    for (let i = 0; i < all.length; i++) all[i]! += totals[i]!;
    const own = pairs.filter((_, index) => (strata?.[index] ?? '') === names[at]);
    byStratum.set(names[at]!, figuresOf(own, totals));
  }
  return { whole: figuresOf(pairs, all), byStratum };
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

function figuresOf(pairs: readonly SpeedPair[], totals: Float64Array): PairedSpeed {
  const values = new Float64Array(totals.length / COLUMNS);
  for (let i = 0; i < values.length; i++) {
    const at = COLUMNS * i;
    values[i] = ratioOf([totals[at]!, totals[at + 1]!, totals[at + 2]!, totals[at + 3]!]);
  }
  values.sort();
  const ratios = pairs.map((pair) => ratioOf(totalsOf([pair])));
  const known = pairs.length > 0;
  return {
    pairs: pairs.length,
    ratio: ratioOf(totalsOf(pairs)),
    interval: {
      low: known ? quantile(values, 0.025) : Number.NaN,
      high: known ? quantile(values, 0.975) : Number.NaN,
    },
    medianRatio: known ? median(ratios) : Number.NaN,
    medianInterval: medianInterval(ratios),
  };
}
