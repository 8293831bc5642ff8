import type { DecoderShape } from '@judge-decoding/onnx/interface';
import type { Tensor } from 'onnxruntime-common';
import { giveBack } from './give-back.ts';
import type { OrtRuntime } from './runtime.ts';

/** Which rows of a pass go through the final norm and the output matrix. */
export type PickedRows = 'all' | 'last' | 'none';

/** Passes of up to this many rows keep their lists: verification uses the same few widths again and again. */
const KEPT_ROWS = 64;
/** Low enough that exp() of it is 0, high enough that sums with scores stay finite. */
const HIDDEN = -1e30;

/** The inputs that say which rows are computed and what each may look at. */
export class RowTensors {
  readonly #runtime: OrtRuntime;
  readonly #groups: number;
  readonly #picked = new Map<string, Tensor>();
  /** Zeros: the mask of any single row is a view of them. */
  #open: Float32Array;

  constructor(runtime: OrtRuntime, shape: DecoderShape) {
    this.#runtime = runtime;
    this.#groups = shape.attentionHeads / shape.keyValueHeads;
    this.#open = new Float32Array(0);
  }

  /**
   * Row r of a pass may look at all of the past, but for its first row where that is `hidden`, and at
   * rows 0 … r; of these at the last `window` only, itself among them. [groups · rows, past + rows]
   */
  mask(rows: number, past: number, hidden: boolean, window = Number.POSITIVE_INFINITY): Tensor {
    const columns = past + rows;
    const size = this.#groups * rows * columns;
    if (rows === 1 && !hidden && columns <= window) {
      if (this.#open.length < size) this.#open = new Float32Array(2 * size);
      return new this.#runtime.Tensor('float32', this.#open.subarray(0, size), [this.#groups, columns]);
    }
    const mask = new Float32Array(size);
    for (let row = 0; row < rows; row++) {
      const at = row * columns;
      const own = past + row;
      if (hidden) mask[at] = HIDDEN;
      if (own - window >= 0) mask.fill(HIDDEN, at, at + own - window + 1);
      mask.fill(HIDDEN, at + own + 1, at + columns);
    }
    // query heads of a group are stacked, each with the same rows
    for (let group = 1; group < this.#groups; group++)
      mask.copyWithin(group * rows * columns, 0, rows * columns);
    return new this.#runtime.Tensor('float32', mask, [this.#groups * rows, columns]);
  }

  /** Takes a mask back after its pass: megabytes, where a long text is read. A single row's may be shared. */
  release(mask: Tensor): void {
    if (mask.dims[0]! > this.#groups) giveBack(mask.data as Float32Array);
  }

  /** One row, two times. */
  twice(row: number): Tensor {
    return new this.#runtime.Tensor('int32', Int32Array.of(row, row), [2]);
  }

  picked(rows: number, which: PickedRows): Tensor {
    const key = which === 'none' ? which : `${which}${rows}`;
    const known = this.#picked.get(key);
    if (known !== undefined) return known;
    const ids =
      which === 'all'
        ? Int32Array.from({ length: rows }, (_, row) => row)
        : Int32Array.from(which === 'last' ? [rows - 1] : []);
    const tensor = new this.#runtime.Tensor('int32', ids, [ids.length]);
    if (rows <= KEPT_ROWS) this.#picked.set(key, tensor);
    return tensor;
  }
}
