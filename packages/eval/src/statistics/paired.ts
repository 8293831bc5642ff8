import { agrestiMin } from './agresti-min.ts';
import { type BootstrapOptions, bootstrap, median } from './bootstrap.ts';
import { mcnemar } from './mcnemar.ts';
import { medianInterval } from './median-interval.ts';
import type { Interval } from './wilson.ts';

/** The same problem under an arm and under the reference. */
export interface CorrectPair {
  readonly arm: boolean;
  readonly reference: boolean;
}

/** How an arm's accuracy differs from the reference's on the same problems. */
export interface PairedAccuracy {
  readonly pairs: number;
  /** Of shares: -0.01 is a loss of one point. */
  readonly difference: number;
  /** By bootstrap. */
  readonly interval: Interval;
  /** Agresti and Min's, which has a width where no pair differs, too. */
  readonly adjusted: Interval;
  /** Right under the reference alone, and under the arm alone. */
  readonly lost: number;
  readonly won: number;
  readonly p: number;
}

export function pairedAccuracy(pairs: readonly CorrectPair[], options?: BootstrapOptions): PairedAccuracy {
  const change = Int8Array.from(pairs, ({ arm, reference }) => Number(arm) - Number(reference));
  const meanOf = (indices: Int32Array) => {
    let sum = 0;
    for (const i of indices) sum += change[i]!;
    return sum / indices.length;
  };
  const lost = change.filter((value) => value < 0).length;
  const won = change.filter((value) => value > 0).length;
  return {
    pairs: pairs.length,
    difference: (won - lost) / Math.max(1, pairs.length),
    interval: bootstrap(pairs.length, meanOf, options),
    adjusted: agrestiMin(pairs.length, lost, won),
    lost,
    won,
    p: mcnemar(lost, won),
  };
}

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

export function pairedSpeed(pairs: readonly SpeedPair[], options?: BootstrapOptions): PairedSpeed {
  const totalRatio = (indices: Iterable<number>) => {
    let [tokens, time, referenceTokens, referenceTime] = [0, 0, 0, 0];
    for (const i of indices) {
      const pair = pairs[i]!;
      tokens += pair.tokens;
      time += pair.milliseconds;
      referenceTokens += pair.referenceTokens;
      referenceTime += pair.referenceMilliseconds;
    }
    return tokens / time / (referenceTokens / referenceTime);
  };
  const ratios = pairs.map(
    (pair) => pair.tokens / pair.milliseconds / (pair.referenceTokens / pair.referenceMilliseconds),
  );
  return {
    pairs: pairs.length,
    ratio: totalRatio(pairs.keys()),
    interval: bootstrap(pairs.length, totalRatio, options),
    medianRatio: pairs.length === 0 ? Number.NaN : median(ratios),
    medianInterval: medianInterval(ratios),
  };
}
