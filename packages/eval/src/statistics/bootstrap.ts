import { seededRandom } from '@judge-decoding/tasks';
import type { Interval } from './wilson.ts';

export interface BootstrapOptions {
  /** Stratum of every item: each resample draws as many from each as there are. One stratum when absent. */
  readonly strata?: readonly string[];
  readonly resamples?: number;
  readonly seed?: number;
}

/**
 * 95 % percentile interval of a statistic by resampling items with replacement. `statistic` is given
 * the indices of a resample. Deterministic. (Efron 1979.)
 */
export function bootstrap(
  count: number,
  statistic: (indices: Int32Array) => number,
  { strata, resamples = 10_000, seed = 0 }: BootstrapOptions = {},
): Interval {
  if (count === 0) return { low: Number.NaN, high: Number.NaN };
  const groups = groupsOf(count, strata);
  const random = seededRandom('bootstrap', seed, count);
  const drawn = new Int32Array(count);
  const values = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let at = 0;
    for (const group of groups) {
      for (let j = 0; j < group.length; j++) drawn[at++] = group[Math.floor(random() * group.length)]!;
    }
    values[i] = statistic(drawn);
  }
  values.sort();
  return { low: quantile(values, 0.025), high: quantile(values, 0.975) };
}

function groupsOf(count: number, strata: readonly string[] | undefined): readonly Int32Array[] {
  if (strata === undefined) return [Int32Array.from({ length: count }, (_, i) => i)];
  const groups = new Map<string, number[]>();
  for (let i = 0; i < count; i++) {
    const group = groups.get(strata[i]!);
    if (group === undefined) groups.set(strata[i]!, [i]);
    else group.push(i);
  }
  return [...groups.values()].map((group) => Int32Array.from(group));
}

/** On straight lines between the order statistics. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low]! + (at - low) * (sorted[high]! - sorted[low]!);
}

export const median = (values: Iterable<number>): number => quantile(Float64Array.from(values).sort(), 0.5);
