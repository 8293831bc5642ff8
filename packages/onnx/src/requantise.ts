import type { Codes } from './stored-blocks.ts';

/** Squares over what was rounded: their quotient's root is the relative error. */
export class RoundingError {
  #errors = 0;
  #values = 0;

  add(errors: number, values: number): void {
    this.#errors += errors;
    this.#values += values;
  }

  /** Root of the squared errors over the squared values; 0 before anything was rounded. */
  get relative(): number {
    return this.#values === 0 ? 0 : Math.sqrt(this.#errors / this.#values);
  }
}

/** Where the largest element of a 4-bit block may lie, on a scale from -8 to 7. */
const FOUR_BIT_ENDS = [-8, -7.6, -7.2, -6.8] as const;

/**
 * Rounds rows of floats, [rows, columns], to symmetric codes with one scale a block; the last block
 * of a row may be short. Eight bits: the largest element becomes ±127. Four bits: the largest
 * becomes about -8, where there is one step more than at the other end, at that scale of a few
 * which leaves the least squared error.
 */
export function requantise(
  values: Float32Array,
  columns: number,
  bits: 4 | 8,
  block: number,
  { codes, scales }: Codes,
  error: RoundingError,
): void {
  let errors = 0;
  let squares = 0;
  let index = 0;
  for (let row = 0; row < values.length; row += columns) {
    for (let first = row; first < row + columns; first += block) {
      const end = Math.min(first + block, row + columns);
      let largest = 0;
      for (let i = first; i < end; i++) {
        const value = values[i]!;
        squares += value * value;
        if (Math.abs(value) > Math.abs(largest)) largest = value;
      }
      const scale = Math.fround(
        bits === 8 ? Math.abs(largest) / 127 : bestScale(values, first, end, largest),
      );
      scales[index++] = scale;
      const inverse = scale === 0 ? 0 : 1 / scale;
      const [least, most] = bits === 8 ? [-127, 127] : [-8, 7];
      for (let i = first; i < end; i++) {
        const code = Math.max(least, Math.min(most, Math.round(values[i]! * inverse)));
        codes[i] = code;
        const off = values[i]! - code * scale;
        errors += off * off;
      }
    }
  }
  error.add(errors, squares);
}

/** The 4-bit scale, of a few, with the least squared error; fitted to its codes by least squares. */
function bestScale(values: Float32Array, first: number, end: number, largest: number): number {
  if (largest === 0) return 0;
  let best = largest / -8;
  let most = Number.NEGATIVE_INFINITY;
  for (const at of FOUR_BIT_ENDS) {
    const inverse = at / largest;
    let products = 0;
    let squares = 0;
    for (let i = first; i < end; i++) {
      const value = values[i]!;
      let code = Math.round(value * inverse);
      if (code > 7) code = 7;
      else if (code < -8) code = -8;
      products += value * code;
      squares += code * code;
    }
    // with the scale products / squares the error is Σ value² − products² / squares
    const gain = squares === 0 ? 0 : (products * products) / squares;
    if (gain > most) {
      most = gain;
      best = products / squares;
    }
  }
  return best;
}
