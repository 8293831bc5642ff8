import type { Interval } from './wilson.ts';

/**
 * 95 % interval of a median by order statistics: the widest pair of ranks that a binomial with p = 1/2
 * leaves at most 2.5 % outside on either side. It supposes nothing about the distribution. (Conover
 * 1999, section 3.2.)
 */
export function medianInterval(values: readonly number[]): Interval {
  const sorted = Float64Array.from(values).sort();
  const count = sorted.length;
  if (count === 0) return { low: Number.NaN, high: Number.NaN };
  let term = -count * Math.LN2;
  let tail = Math.exp(term);
  let rank = 0;
  while (rank < count / 2) {
    const next = term + Math.log((count - rank) / (rank + 1));
    if (tail > 0.025) break;
    rank++;
    term = next;
    tail += Math.exp(term);
  }
  // too few values for 95 %: all of them
  const low = Math.max(0, rank - 1);
  return { low: sorted[low]!, high: sorted[count - 1 - low]! };
}
