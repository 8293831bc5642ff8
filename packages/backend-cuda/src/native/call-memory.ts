import type { Calls } from './calls.ts';

/** Bytes of a call's tokens and results that find room; what does not gets memory of its own. */
const ROOM = 16 * 1024;

/** Where the library writes a result, and the result as an array of its own, once it has. */
export interface Result<Values> {
  readonly address: number;
  take(): Values;
}

/**
 * Memory for the tokens and the small results of one call after another, at an address that is asked for once: to make an array
 * and to ask where it lies takes microseconds after a wait, when code and data are out of the caches, and a pass has several.
 */
export class CallMemory {
  readonly #calls: Pick<Calls, 'address'>;
  readonly #ints = new Int32Array(ROOM / 4);
  readonly #floats = new Float32Array(this.#ints.buffer);
  readonly #address: number;
  /** Numbers of four bytes that are taken. */
  #used = 0;

  constructor(calls: Pick<Calls, 'address'>) {
    this.#calls = calls;
    this.#address = calls.address(this.#ints);
  }

  /** A call begins: nothing of the one before is needed. */
  begin(): void {
    this.#used = 0;
  }

  /** Where the library reads `values`; they must live until the call has ended. */
  given(values: Int32Array): number {
    if (values.length > this.#left) return this.#calls.address(values);
    const from = this.#takes(values.length);
    this.#ints.set(values, from);
    return this.#at(from);
  }

  ints(count: number): Result<Int32Array> {
    if (count > this.#left) return this.#own(new Int32Array(count));
    const from = this.#takes(count);
    return { address: this.#at(from), take: () => this.#ints.slice(from, from + count) };
  }

  floats(count: number): Result<Float32Array> {
    if (count > this.#left) return this.#own(new Float32Array(count));
    const from = this.#takes(count);
    return { address: this.#at(from), take: () => this.#floats.slice(from, from + count) };
  }

  get #left(): number {
    return this.#ints.length - this.#used;
  }

  #takes(count: number): number {
    const from = this.#used;
    this.#used += count;
    return from;
  }

  #at(place: number): number {
    return this.#address + 4 * place;
  }

  #own<Values extends Int32Array | Float32Array>(values: Values): Result<Values> {
    return { address: this.#calls.address(values), take: () => values };
  }
}
