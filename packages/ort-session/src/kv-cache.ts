import type { DecoderShape } from '@judge-decoding/onnx/interface';
import { giveBack } from './give-back.ts';
import { type ResizableBuffer, resizableBuffer } from './resizable-buffer.ts';

const FIRST_CAPACITY = 64;

/**
 * Keys and values of one session, a buffer for each layer and kind, [capacity, keyValueHeads ·
 * headDim]: the valid rows come first and lie together, so a view of them is what the graph reads.
 * Shortening changes an integer; growing doubles the buffers where they lie. Addresses are taken for
 * the whole context, memory for what has been written: nothing is copied, and no smaller buffers wait
 * for a garbage collection.
 */
export class KvCache {
  /** Valid rows. */
  length = 0;
  #capacity = 0;
  readonly #limit: number;
  readonly #width: number;
  readonly #lead: number;
  /** float32. Layer 0's keys, layer 0's values, layer 1's … : the order of the graph's `new_rows`. */
  readonly #buffers: readonly ResizableBuffer[];

  /** `lead` rows of zeros, which count nowhere, lie before the first one. */
  constructor({ layers, keyValueHeads, headDim, contextLength }: DecoderShape, lead: 0 | 1 = 0) {
    this.#width = keyValueHeads * headDim;
    this.#limit = contextLength;
    this.#lead = lead;
    const maxByteLength = this.#bytes(lead + contextLength);
    this.#buffers = Array.from({ length: 2 * layers }, () => resizableBuffer(maxByteLength));
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
    for (const buffer of this.#buffers) buffer.resize(this.#bytes(this.#lead + this.#capacity));
  }

  /** The first `rows` rows of one buffer, a leading one among them, as a view; there is room for them. */
  view(index: number, rows: number): Float32Array {
    return new Float32Array(this.#buffers[index]!, 0, rows * this.#width);
  }

  /**
   * Appends the first `rows` of the graph's `new_rows`: `read` rows for each buffer, one buffer after
   * another. Takes them over: nobody reads them afterwards.
   */
  append(newRows: Float32Array, rows: number, read = rows): void {
    this.reserve(this.length + rows);
    const size = rows * this.#width;
    const stride = read * this.#width;
    const start = this.#bytes(this.#lead + this.length);
    for (const [index, buffer] of this.#buffers.entries()) {
      const rowsOf = newRows.subarray(index * stride, index * stride + size);
      new Float32Array(buffer, start, size).set(rowsOf);
    }
    this.length += rows;
    giveBack(newRows);
  }

  /** Gives the memory back. */
  free(): void {
    this.length = 0;
    this.#capacity = 0;
    for (const buffer of this.#buffers) buffer.resize(0);
  }

  #bytes(rows: number): number {
    return rows * this.#width * Float32Array.BYTES_PER_ELEMENT;
  }
}
