import type { DecoderShape } from '@judge-decoding/onnx/interface';

const FIRST_CAPACITY = 64;

/**
 * Keys and values of one session, a buffer for each layer and kind, [capacity, keyValueHeads ·
 * headDim]: the valid rows come first and lie together, so a view of them is what the graph reads.
 * Shortening changes an integer; growing doubles the buffers.
 */
export class KvCache {
  /** Valid rows. */
  length = 0;
  #capacity = 0;
  readonly #limit: number;
  readonly #width: number;
  readonly #lead: number;
  /** Layer 0's keys, layer 0's values, layer 1's … : the order of the graph's `new_rows`. */
  #buffers: Float32Array<ArrayBuffer>[];

  /** `lead` rows of zeros, which count nowhere, lie before the first one. */
  constructor({ layers, keyValueHeads, headDim, contextLength }: DecoderShape, lead: 0 | 1 = 0) {
    this.#width = keyValueHeads * headDim;
    this.#limit = contextLength;
    this.#lead = lead;
    this.#buffers = Array.from({ length: 2 * layers }, () => new Float32Array(0));
  }

  get capacity(): number {
    return this.#capacity;
  }

  /** Makes room for `length` rows in all. */
  reserve(length: number): void {
    if (length <= this.#capacity) return;
    let capacity = Math.max(FIRST_CAPACITY, this.#capacity);
    while (capacity < length) capacity *= 2;
    this.#capacity = Math.min(capacity, Math.max(this.#limit, length));
    this.#buffers = this.#buffers.map((buffer) => {
      const larger = new Float32Array((this.#lead + this.#capacity) * this.#width);
      larger.set(buffer.subarray(0, (this.#lead + this.length) * this.#width));
      return larger;
    });
  }

  /** The leading rows and the first `rows` rows of one buffer, as a view; there is room for them. */
  view(index: number, rows: number): Float32Array {
    return this.#buffers[index]!.subarray(0, (this.#lead + rows) * this.#width);
  }

  /**
   * Appends the first `rows` of the graph's `new_rows`: `read` rows for each buffer, one buffer after
   * another.
   */
  append(newRows: Float32Array, rows: number, read = rows): void {
    this.reserve(this.length + rows);
    const size = rows * this.#width;
    const stride = read * this.#width;
    const offset = (this.#lead + this.length) * this.#width;
    for (const [index, buffer] of this.#buffers.entries()) {
      buffer.set(newRows.subarray(index * stride, index * stride + size), offset);
    }
    this.length += rows;
  }

  /** Gives the memory back. */
  free(): void {
    this.length = 0;
    this.#capacity = 0;
    this.#buffers = this.#buffers.map(() => new Float32Array(0));
  }
}
