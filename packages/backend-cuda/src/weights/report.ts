import type { TensorType } from '@judge-decoding/checkpoint';
import type { HeldAs } from '../engine.ts';

/** Matrices that were stored alike and are held alike. */
export interface CarriedMatrices {
  /** As the checkpoint has them; `random` where nothing was read. */
  readonly stored: TensorType | 'random';
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
  matrices: number;
  exact: boolean;
  changes: number;
  squares: number;
  rows: number;
}

/** Adds up a report while tensors go by. */
export class ReportBuilder {
  readonly #dtype: HeldAs;
  readonly #sums = new Map<TensorType | 'random', Sum>();

  constructor(dtype: HeldAs) {
    this.#dtype = dtype;
  }

  /** A matrix; `rounded` where a sample of its rows was compared with what is held. */
  add(
    stored: TensorType | 'random',
    rounded?: { readonly given: Float32Array; readonly held: Float32Array; readonly rows: number },
  ): void {
    const sum = this.#sums.get(stored) ?? { matrices: 0, exact: true, changes: 0, squares: 0, rows: 0 };
    this.#sums.set(stored, sum);
    sum.matrices++;
    if (rounded === undefined) return;
    sum.exact = false;
    sum.rows += rounded.rows;
    for (const [index, value] of rounded.given.entries()) {
      sum.changes += (rounded.held[index]! - value) ** 2;
      sum.squares += value * value;
    }
  }

  report(): WeightsReport {
    return {
      dtype: this.#dtype,
      carried: [...this.#sums].map(([stored, { matrices, exact, changes, squares, rows }]) => ({
        stored,
        heldAs: this.#dtype,
        matrices,
        exact: exact || changes === 0,
        relativeError: squares === 0 ? 0 : Math.sqrt(changes / squares),
        sampledRows: rows,
      })),
    };
  }
}
