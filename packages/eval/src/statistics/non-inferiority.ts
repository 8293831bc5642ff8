import type { PairedAccuracy } from './paired.ts';

/** What can be said about a loss against a margin that was written down before the run. */
export type NonInferiority =
  /** Nothing: a margin chosen afterwards would prove whatever one likes. */
  | { readonly verdict: 'no margin stated' }
  | { readonly verdict: 'non-inferior' | 'inferior' | 'open'; readonly margin: number };

/**
 * Non-inferior where both intervals of the difference, the bootstrap's and Agresti and Min's, lie above
 * −margin; inferior where both lie below it; open otherwise. `margin` is a share: 0.01 is one point.
 */
export function nonInferiority(
  { interval, adjusted }: Pick<PairedAccuracy, 'interval' | 'adjusted'>,
  margin: number | undefined,
): NonInferiority {
  if (margin === undefined) return { verdict: 'no margin stated' };
  if (Math.min(interval.low, adjusted.low) >= -margin) return { verdict: 'non-inferior', margin };
  return { verdict: Math.max(interval.high, adjusted.high) < -margin ? 'inferior' : 'open', margin };
}
