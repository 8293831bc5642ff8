import { seededRandom } from '@judge-decoding/tasks';
import type { Interval } from './wilson.ts';

/** How items are resampled. The same seed gives the same interval. */
export interface BootstrapOptions {
  /** Stratum of every item: each resample draws as many clusters from each as there are. One stratum when absent. */
  readonly strata?: readonly string[];
  /**
   * Cluster of every item (the prompt, where a prompt was run several times): items of one cluster are
   * drawn together, since they are not independent. Every item its own when absent.
   */
  readonly clusters?: readonly string[];
  readonly resamples?: number;
  readonly seed?: number;
}

/**
 * 95 % percentile interval of a statistic by resampling clusters with replacement, within strata.
 * `statistic` is given the indices of a resample. Deterministic. (Efron 1979; Davison and Hinkley
 * 1997, section 3.8 for clusters.)
 */
export function bootstrap(
  count: number,
  statistic: (indices: Int32Array) => number,
  options: BootstrapOptions = {},
): Interval {
  const { resamples = 10_000, seed = 0 } = options;
  if (count === 0) return { low: Number.NaN, high: Number.NaN };
  const groups = clustersOf(count, options);
  const singles = groups.map((group) =>
    group.every((cluster) => cluster.length === 1)
      ? Int32Array.from(group, (cluster) => cluster[0]!)
      : undefined,
  );
  const random = seededRandom('bootstrap', seed, count);
  // clusters differ in size: a resample may be longer than the sample
  let drawn = new Int32Array(count);
  const values = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let at = 0;
    for (const [index, group] of groups.entries()) {
      const single = singles[index];
      if (single !== undefined) {
        // no clusters: one of the innermost loops there are
        for (let j = 0; j < single.length; j++) drawn[at++] = single[(random() * single.length) | 0]!;
        continue;
      }
      for (let j = 0; j < group.length; j++) {
        const cluster = group[Math.floor(random() * group.length)]!;
        if (at + cluster.length > drawn.length) drawn = grown(drawn, at + cluster.length);
        for (let k = 0; k < cluster.length; k++) drawn[at++] = cluster[k]!;
      }
    }
    values[i] = statistic(at === drawn.length ? drawn : drawn.subarray(0, at));
  }
  values.sort();
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

function grown(drawn: Int32Array, least: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(least, 2 * drawn.length));
  larger.set(drawn);
  return larger;
}

/**
 * Strata of clusters of indices. A cluster that lies in two strata is two clusters. Where a stratum has one cluster
 * alone there are no strata: it would be drawn every time, and the interval would know nothing of its spread.
 */
export function clustersOf(
  count: number,
  { strata, clusters }: BootstrapOptions,
): readonly (readonly Int32Array[])[] {
  const groups = new Map<string, Map<string, number[]>>();
  for (let i = 0; i < count; i++) {
    const stratum = strata?.[i] ?? '';
    const group = groups.get(stratum) ?? new Map<string, number[]>();
    groups.set(stratum, group);
    const name = clusters?.[i] ?? String(i);
    const cluster = group.get(name);
    if (cluster === undefined) group.set(name, [i]);
    else cluster.push(i);
  }
  if (groups.size > 1 && [...groups.values()].some(({ size }) => size === 1))
    return clustersOf(count, clusters === undefined ? {} : { clusters });
  return [...groups.values()].map((group) => [...group.values()].map((cluster) => Int32Array.from(cluster)));
}

/** On straight lines between the order statistics. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

/** The median, with straight lines between values. */
export const median = (values: Iterable<number>): number => quantile(Float64Array.from(values).sort(), 0.5);
