import { agrestiMin } from './agresti-min.ts';
import type { BootstrapOptions } from './bootstrap.ts';
import { bootstrapCounts } from './bootstrap-counts.ts';
import { mcnemar } from './mcnemar.ts';
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

/**
 * The difference of two arms’ accuracies on the same problems, as a share from -1 to 1, with its 95 % bootstrap
 * interval and McNemar’s exact p-value.
 *
 * @example
 * pairedAccuracy([{ arm: true, reference: true }, { arm: false, reference: true }]).difference; // -0.5
 */
export function pairedAccuracy(pairs: readonly CorrectPair[], options?: BootstrapOptions): PairedAccuracy {
  // 0: only the reference is right, 1: both or neither, 2: only the arm
  const kinds = pairs.map(({ arm, reference }) => 1 + Number(arm) - Number(reference));
  const lost = kinds.filter((kind) => kind === 0).length;
  const won = kinds.filter((kind) => kind === 2).length;
  return {
    pairs: pairs.length,
    difference: (won - lost) / Math.max(1, pairs.length),
    interval: bootstrapCounts(
      kinds,
      3,
      ([less = 0, same = 0, more = 0]) => (more - less) / (less + same + more),
      options,
    ),
    adjusted: agrestiMin(pairs.length, lost, won),
    lost,
    won,
    p: mcnemar(lost, won),
  };
}
