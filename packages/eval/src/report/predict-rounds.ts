import { type Costs, predictRound, type RoundAssumptions, type RoundPrediction } from '@judge-decoding/core';
import type { Interval } from '../statistics/wilson.ts';

/** The model of a round, fed with costs that were measured several times during a run. */
export interface PredictedRounds extends RoundPrediction {
  /** How often costs were measured. */
  readonly measurements: number;
  /** Milliseconds of a round by the cheapest measurement and by the dearest. */
  readonly between: Interval;
}

/**
 * Means over all measurements, as a run's time is a sum; nothing where there is none. `assumed` may depend on the
 * measurement: costs say behind how long a text they were taken.
 */
export function predictRounds(
  measured: readonly Costs[],
  assumed: (costs: Costs) => Omit<RoundAssumptions, 'costs'>,
): PredictedRounds | undefined {
  const each = measured.map((costs) => predictRound({ costs, ...assumed(costs) }));
  const [first] = each;
  if (first === undefined) return undefined;
  const mean = (of: (one: RoundPrediction) => number) =>
    each.reduce((sum, one) => sum + of(one), 0) / each.length;
  const milliseconds = mean((one) => one.milliseconds);
  const plain = mean((one) => (one.timesPlain * one.milliseconds) / one.committed);
  const times = each.map((one) => one.milliseconds);
  return {
    ...first,
    verify: mean(({ verify }) => verify),
    draft: mean(({ draft }) => draft),
    milliseconds,
    tokensPerSecond: (1000 * first.committed) / milliseconds,
    timesPlain: (first.committed * plain) / milliseconds,
    measurements: each.length,
    between: { low: Math.min(...times), high: Math.max(...times) },
  };
}

/** Costs that are further apart than this say more of the machine's minutes than of rounds. */
const DRIFT = 1.1;

/** Whether the dearest measurement of a round is more than a tenth above the cheapest. */
export const hasDrifted = ({ between: { low, high } }: PredictedRounds): boolean => high > DRIFT * low;
