import type { RoundingError } from './requantise.ts';
import type { CodeForm, Codes } from './stored-blocks.ts';

/**
 * How a matrix whose blocks have offsets is one product: element = scale · (code - zero point) + rest. The
 * zero point takes the whole codes of an offset. The rest, half a code at most (more where all of a
 * block has one sign), is multiplied by the sum of the input's block: in columns behind the
 * matrix's own, by what `DecoderWeights` puts behind the input.
 */
export interface FoldedForm {
  /** Blocks of a row that have an offset. */
  readonly blocks: number;
  /** Columns for a rest: in four bits two, high and low. */
  readonly digits: 1 | 2;
  /** Columns of a row in all, a whole number of blocks. */
  readonly columns: number;
}

/** What the low digit of a rest counts, in high ones. */
export const LOW_DIGIT = 1 / 16;
/** Kernels take so many blocks of a row at once: of 50 or 51 the last cost as much as ten others, of 52 nothing. */
const BLOCKS_AT_ONCE = 4;

/** Where the parts of a folded row lie, for rows of `columns` elements: a whole number of blocks. */
export function foldedForm(columns: number, { bits, block }: CodeForm): FoldedForm {
  const blocks = columns / block;
  const digits = bits === 4 ? 2 : 1;
  const atOnce = BLOCKS_AT_ONCE * block;
  return { blocks, digits, columns: Math.ceil((columns + digits * blocks) / atOnce) * atOnce };
}

/** Codes with zero points in place of offsets, as MatMulNBits reads them. */
export interface FoldedCodes {
  /** Those of `Codes`, then the rests'. [rows, folded columns] */
  readonly codes: Int8Array;
  /** [rows, folded columns / block] */
  readonly scales: Float32Array;
  /** Of unsigned codes; those of four bits two in a byte, the first in the low half. [rows, bytes] */
  readonly zeroPoints: Uint8Array;
}

/** Folds the offsets of some rows. What the rounding of rests changes is added to `error`. */
export function foldOffsets(
  { codes, scales, offsets }: Codes,
  columns: number,
  form: CodeForm,
  error: RoundingError,
): FoldedCodes {
  const { bits, block } = form;
  const { blocks, digits, columns: width } = foldedForm(columns, form);
  const rows = codes.length / columns;
  const allBlocks = width / block;
  const zeroBytes = Math.ceil((allBlocks * bits) / 8);
  const folded: FoldedCodes = {
    codes: new Int8Array(rows * width),
    scales: new Float32Array(rows * allBlocks),
    zeroPoints: new Uint8Array(rows * zeroBytes),
  };
  const centre = 2 ** (bits - 1);
  const rests = new Float64Array(blocks);
  for (let row = 0; row < rows; row++) {
    const first = row * blocks;
    const zeros = folded.zeroPoints.subarray(row * zeroBytes, (row + 1) * zeroBytes);
    zeros.fill(bits === 4 ? 0x88 : 0x80);
    for (let index = 0; index < blocks; index++) {
      const scale = scales[first + index]!;
      const offset = offsets[first + index]!;
      const whole = scale === 0 ? 0 : Math.round(offset / scale);
      const zero = Math.max(0, Math.min(2 * centre - 1, centre - whole));
      rests[index] = offset - scale * (centre - zero);
      if (bits === 8) zeros[index] = zero;
      else
        zeros[index >> 1] =
          index % 2 === 0 ? (zeros[index >> 1]! & 0xf0) | zero : (zeros[index >> 1]! & 15) | (zero << 4);
    }
    const from = row * columns;
    folded.codes.set(codes.subarray(from, from + columns), row * width);
    folded.scales.set(scales.subarray(first, first + blocks), row * allBlocks);
    const errors = roundRests(rests, digits, block, {
      codes: folded.codes.subarray(row * width + columns, (row + 1) * width),
      scales: folded.scales.subarray(row * allBlocks + blocks, (row + 1) * allBlocks),
    });
    error.add(block * errors, squaresOf(codes.subarray(from, from + columns), scales, offsets, first, block));
  }
  return folded;
}

/** A row's rests as codes of further blocks; returns the squares of what that changed. */
function roundRests(
  rests: Float64Array,
  digits: 1 | 2,
  block: number,
  { codes, scales }: Pick<FoldedCodes, 'codes' | 'scales'>,
): number {
  const together = block / digits;
  const [least, most] = digits === 1 ? [-127, 127] : [-8 / LOW_DIGIT - 8, 7 / LOW_DIGIT + 7];
  let errors = 0;
  for (let first = 0, index = 0; first < rests.length; first += together, index++) {
    const end = Math.min(first + together, rests.length);
    let largest = 0;
    for (let i = first; i < end; i++) largest = Math.max(largest, Math.abs(rests[i]!));
    const step = Math.fround(largest / most);
    scales[index] = digits === 1 ? step : step / LOW_DIGIT;
    for (let i = first; i < end; i++) {
      const code = step === 0 ? 0 : Math.max(least, Math.min(most, Math.round(rests[i]! / step)));
      const low = ((code + 8) & 15) - 8;
      if (digits === 1) codes[i] = code;
      else {
        codes[2 * i] = (code - low) * LOW_DIGIT;
        codes[2 * i + 1] = low;
      }
      errors += (rests[i]! - code * step) ** 2;
    }
  }
  return errors;
}

/** Of a row's elements, scale · code + offset. */
function squaresOf(
  codes: Int8Array,
  scales: Float32Array,
  offsets: Float32Array,
  first: number,
  block: number,
): number {
  let squares = 0;
  for (let from = 0, index = first; from < codes.length; from += block, index++) {
    const [scale, offset] = [scales[index]!, offsets[index]!];
    for (let i = from; i < from + block; i++) squares += (scale * codes[i]! + offset) ** 2;
  }
  return squares;
}
