import type { TensorType } from '@judge-decoding/checkpoint/browser';
import type { RunDtype } from './weight-dtype.ts';

/** Matrices that were stored alike and went into the graph alike. */
export interface CarriedWeights {
  /** As the checkpoint has them. */
  readonly stored: TensorType;
  readonly bits: 4 | 8 | 32;
  /** Elements that share a scale; 1 for floats. */
  readonly block: number;
  /** Whether blocks have an offset; in products it is folded into zero points and further columns. */
  readonly offsets: boolean;
  readonly use: 'product' | 'lookup';
  readonly matrices: number;
  /** True where no element changed, but for the rounding of a looked-up offset to float32. */
  readonly exact: boolean;
  /** Root of the squared changes over the squared values, over all of them; 0 where exact. */
  readonly relativeError: number;
}

/** What became of a checkpoint's matrices in a graph. Plain data. */
export interface WeightsReport {
  readonly dtype: RunDtype;
  readonly carried: readonly CarriedWeights[];
  /** Bytes of the matrices that one token is multiplied by: what a step reads, less the cache. */
  readonly bytesPerToken: number;
}
