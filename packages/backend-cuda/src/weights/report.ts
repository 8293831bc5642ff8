import type { TensorType } from '@judge-decoding/checkpoint';
import type { HeldAs } from '../engine.ts';
import type { Use } from './plan.ts';

/** Matrices that were stored alike and are held alike. */
export interface CarriedMatrices {
  /** As the checkpoint has them; `random` where nothing was read. */
  readonly stored: TensorType | 'random';
  readonly use: Use;
  readonly heldAs: HeldAs;
  readonly matrices: number;
  /** True where no element changed. */
  readonly exact: boolean;
  /**
   * Root of the squared changes over the squared values: 0 where exact. Over `sampledRows` rows spread over
   * each matrix; rows are rounded independently of each other, so a sample tells what all of them would.
   */
  readonly relativeError: number;
  readonly sampledRows: number;
}

/** What became of a checkpoint's matrices on the device. Plain data. */
export interface WeightsReport {
  readonly dtype: HeldAs;
  readonly carried: readonly CarriedMatrices[];
}

interface Sum {
  readonly stored: TensorType | 'random';
  readonly use: Use;
  readonly heldAs: HeldAs;
  matrices: number;
  exact: boolean;
  changes: number;
  squares: number;
  rows: number;
}

/** Adds up a report while tensors go by. */
export class ReportBuilder {
  readonly #dtype: HeldAs;
  readonly #sums = new Map<string, Sum>();

  constructor(dtype: HeldAs) {
    this.#dtype = dtype;
  }

  /** A matrix; `rounded` where a sample of its rows was compared with what is held. */
  add(
    stored: TensorType | 'random',
    use: Use,
    heldAs: HeldAs,
    rounded?: { readonly given: Float32Array; readonly held: Float32Array; readonly rows: number },
  ): void {
    const key = `${stored} ${use} ${heldAs}`;
    const none = { matrices: 0, exact: true, changes: 0, squares: 0, rows: 0 };
    const sum = this.#sums.get(key) ?? { stored, use, heldAs, ...none };
    this.#sums.set(key, sum);
    sum.matrices++;
    if (rounded === undefined) return;
    sum.exact = false;
    sum.rows += rounded.rows;
    const { given, held } = rounded;
    // no iterator: millions of values go by here while a device waits
    for (let index = 0; index < given.length; index++) {
      const value = given[index]!;
      sum.changes += (held[index]! - value) ** 2;
      sum.squares += value * value;
    }
  }

  report(): WeightsReport {
    return {
      dtype: this.#dtype,
      carried: [...this.#sums.values()].map(({ changes, squares, rows, exact, ...what }) => ({
        ...what,
        exact: exact || changes === 0,
        relativeError: squares === 0 ? 0 : Math.sqrt(changes / squares),
        sampledRows: rows,
      })),
    };
  }
}
