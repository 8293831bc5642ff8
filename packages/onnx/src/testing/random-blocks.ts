import type { TensorType } from '@judge-decoding/checkpoint';
import { STORED_BLOCKS } from '../stored-blocks.ts';

/** The numbers that stand for the types in a file. */
export const GGUF_TYPES: Readonly<Partial<Record<TensorType, number>>> = {
  Q4_0: 2,
  Q4_1: 3,
  Q5_0: 6,
  Q5_1: 7,
  Q8_0: 8,
  Q2_K: 10,
  Q3_K: 11,
  Q4_K: 12,
  Q5_K: 13,
  Q6_K: 14,
};

/** Where the float16 numbers of a block are, and how large they may be for elements of order one. */
const SCALES: Readonly<Partial<Record<TensorType, readonly (readonly [at: number, largest: number])[]>>> = {
  Q4_0: [[0, 0.02]],
  Q4_1: [
    [0, 0.02],
    [2, -0.15],
  ],
  Q5_0: [[0, 0.01]],
  Q5_1: [
    [0, 0.01],
    [2, -0.15],
  ],
  Q8_0: [[0, 0.0015]],
  Q2_K: [
    [80, 0.01],
    [82, 0.01],
  ],
  Q3_K: [[108, 0.004]],
  Q4_K: [
    [0, 0.0008],
    [2, 0.005],
  ],
  Q5_K: [
    [0, 0.0004],
    [2, 0.005],
  ],
  Q6_K: [[208, 0.0001]],
};

let state = 7;
const random = (): number => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return state / 2 ** 32;
};

/** A positive float16 of at least 2^-14 as its bits, rounded down. */
const float16Bits = (value: number): number => {
  const size = Math.max(Math.abs(value), 2 ** -14);
  const exponent = Math.floor(Math.log2(size));
  const bits = ((exponent + 15) << 10) | Math.floor((size / 2 ** exponent - 1) * 1024);
  return value < 0 ? bits | 0x8000 : bits;
};

/** A matrix of random blocks: any bytes, but for sensible scales. */
export function randomBlocks(type: TensorType, shape: readonly number[]) {
  const { elements, bytes: size } = STORED_BLOCKS[type]!;
  const count = shape.reduce((product, side) => product * side, 1) / elements;
  const bytes = Uint8Array.from({ length: count * size }, () => 256 * random());
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < count; block++) {
    for (const [at, largest] of SCALES[type]!) {
      view.setUint16(block * size + at, float16Bits(largest * (0.25 + 0.75 * random())), true);
    }
  }
  return { type: GGUF_TYPES[type]!, bytes };
}
