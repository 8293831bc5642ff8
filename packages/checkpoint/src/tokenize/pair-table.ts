/** Pairs of token ids and a number for each: half a million of them are made in tens of milliseconds. */
export class PairTable {
  readonly #mask: number;
  readonly #left: Int32Array;
  readonly #right: Int32Array;
  readonly #values: Int32Array;

  /** Has room for `count` pairs. */
  constructor(count: number) {
    const size = 2 ** Math.ceil(Math.log2(2 * count + 2));
    this.#mask = size - 1;
    this.#left = new Int32Array(size).fill(-1);
    this.#right = new Int32Array(size);
    this.#values = new Int32Array(size);
  }

  /** The last value of a pair counts. */
  set(left: number, right: number, value: number): void {
    const at = this.#find(left, right);
    this.#left[at] = left;
    this.#right[at] = right;
    this.#values[at] = value;
  }

  /** -1 for a pair that is not there. */
  get(left: number, right: number): number {
    const at = this.#find(left, right);
    return this.#left[at] === -1 ? -1 : this.#values[at]!;
  }

  #find(left: number, right: number): number {
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash ^= hash >>> 15;
    let at = hash & this.#mask;
    while (this.#left[at] !== -1 && (this.#left[at] !== left || this.#right[at] !== right)) {
      at = (at + 1) & this.#mask;
    }
    return at;
  }
}
