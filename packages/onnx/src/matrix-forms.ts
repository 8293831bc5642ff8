import type { TensorSource, TensorType } from '@judge-decoding/checkpoint/browser';
import { type RoundingError, requantise } from './requantise.ts';
import { type CodeForm, type Codes, STORED_BLOCKS } from './stored-blocks.ts';

/** How one matrix of a checkpoint goes into a graph. */
export interface MatrixForm extends CodeForm {
  /** False where it is rounded to the form. */
  readonly exact: boolean;
}

/** Elements read at a time: a matrix of any size passes through a few buffers of this many. */
const CHUNK_ELEMENTS = 1 << 21;

/**
 * What eight-bit blocks of 16 are rounded to, for an error of about 0.6 %: a quarter less to read and to keep.
 * In blocks of 128 a row alone would have other bits than one among others.
 */
const INSTEAD_OF_SIXTEENS = { bits: 8, block: 64, offsets: false, exact: false } as const;

/**
 * The form in which a matrix stored as `type` is multiplied by. What a file has in blocks of at
 * most `bits` keeps them, but for eight-bit blocks of 16 (Q6_K); the rest is rounded to symmetric
 * blocks of 32.
 */
export function matrixForm(type: TensorType, bits: 4 | 8): MatrixForm {
  const stored = STORED_BLOCKS[type];
  if (stored === undefined || stored.bits > bits) return { bits, block: 32, offsets: false, exact: false };
  if (stored.bits === 8 && stored.block === 16) return INSTEAD_OF_SIXTEENS;
  return storedForm(stored);
}

/**
 * The form in which rows of a matrix are looked up: what the file has in blocks as it is, eight
 * bits otherwise; `undefined` where blocks do not divide a row.
 */
export function lookupForm(type: TensorType, columns: number): MatrixForm | undefined {
  const stored = STORED_BLOCKS[type];
  const form = stored === undefined ? matrixForm(type, 8) : storedForm(stored);
  return columns % form.block === 0 ? form : undefined;
}

const storedForm = ({ bits, block, offsets }: CodeForm): MatrixForm => ({
  bits,
  block,
  offsets,
  exact: true,
});

export const sameForm = (a: MatrixForm, b: MatrixForm): boolean =>
  a.bits === b.bits && a.block === b.block && a.offsets === b.offsets;

export interface MatrixRows {
  readonly name: string;
  readonly rows: number;
  readonly columns: number;
  readonly form: MatrixForm;
}

/** The codes of a matrix, some rows at a time. The arrays are used again for the next rows. */
export async function* matrixCodes(
  tensors: TensorSource,
  { name, rows, columns, form }: MatrixRows,
  error: RoundingError,
): AsyncGenerator<Codes> {
  const { type } = tensors.info(name);
  const stored = form.exact ? STORED_BLOCKS[type]! : undefined;
  const blocks = Math.ceil(columns / form.block);
  const most = Math.max(1, Math.min(rows, Math.floor(CHUNK_ELEMENTS / columns)));
  const codes = new Int8Array(most * columns);
  const scales = new Float32Array(most * blocks);
  const offsets = new Float32Array(form.offsets ? most * blocks : 0);
  for (let first = 0; first < rows; first += most) {
    const count = Math.min(most, rows - first);
    const part: Codes = {
      codes: codes.subarray(0, count * columns),
      scales: scales.subarray(0, count * blocks),
      offsets: offsets.subarray(0, form.offsets ? count * blocks : 0),
    };
    if (stored !== undefined) {
      stored.unpack(await tensors.raw(name, { first, count }), (count * columns) / stored.elements, part);
    } else {
      const values = await tensors.read(name, { first, count });
      requantise(values, columns, form.bits, form.block, part, error);
    }
    yield part;
  }
}

/** float32 rows of a tensor of any rank, a part at a time. */
export async function* floatRows(
  tensors: TensorSource,
  name: string,
  rows: number,
  columns: number,
): AsyncGenerator<Float32Array> {
  const most = Math.max(1, Math.floor(CHUNK_ELEMENTS / columns));
  for (let first = 0; first < rows; first += most) {
    yield await tensors.read(name, { first, count: Math.min(most, rows - first) });
  }
}

/**
 * Codes as MatMulNBits reads them: unsigned, two 4-bit ones in a byte, the first in the low half;
 * short last blocks are filled with zeros. [rows, blocks, block · bits / 8]
 */
export function packCodes(codes: Int8Array, columns: number, { bits, block }: CodeForm): Uint8Array {
  const rows = codes.length / columns;
  const width = Math.ceil(columns / block) * block;
  if (bits === 8) {
    const out = new Uint8Array(rows * width).fill(width === columns ? 0 : 128);
    for (let row = 0; row < rows; row++) {
      const [from, to] = [row * columns, row * width];
      for (let i = 0; i < columns; i++) out[to + i] = codes[from + i]! + 128;
    }
    return out;
  }
  const out = new Uint8Array((rows * width) / 2).fill(0x88);
  for (let row = 0; row < rows; row++) {
    const from = row * columns;
    const to = (row * width) / 2;
    for (let i = 0; i + 1 < columns; i += 2) {
      out[to + (i >> 1)] = (codes[from + i]! + 8) | ((codes[from + i + 1]! + 8) << 4);
    }
    if (columns % 2 === 1) out[to + (columns >> 1)] = (codes[from + columns - 1]! + 8) | 0x80;
  }
  return out;
}
