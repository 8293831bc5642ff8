import type { Costs } from '@judge-decoding/core';

/** Rows have the machine at least so many times as long as the measurement before them took, */
const TIMES_AS_LONG = 5;
/** and for this part of the time since the first: a night's run is not measured every minute. */
const PART = 0.1;

/**
 * Measures what passes cost over and over while a run goes on: machines drift, and the costs of one minute do not
 * predict the rounds of another. Takes at most a sixth of a short run, and less of a long one.
 */
export interface CostMeter {
  measure(): Promise<void>;
  /** Only where the last time is long enough ago. */
  measureWhenDue(): Promise<void>;
}

/** `keep` is told every measurement; `now` gives milliseconds. */
export function costMeter(
  measure: () => Promise<Costs>,
  keep: (costs: Costs) => Promise<void>,
  now: () => number,
): CostMeter {
  let due = Number.POSITIVE_INFINITY;
  let begun: number | undefined;
  const again = async () => {
    const from = now();
    begun ??= from;
    const costs = await measure();
    const to = now();
    await keep(costs);
    due = to + Math.max(TIMES_AS_LONG * (to - from), PART * (to - begun));
  };
  return {
    measure: again,
    async measureWhenDue() {
      if (now() >= due) await again();
    },
  };
}
