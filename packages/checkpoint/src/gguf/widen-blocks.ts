import type { BlockType } from '../tensor-source.ts';
import { widenQ2_K, widenQ3_K, widenQ4_K, widenQ5_K, widenQ6_K } from './k-blocks.ts';
import { widenQ4_0, widenQ4_1, widenQ5_0, widenQ5_1, widenQ8_0 } from './simple-blocks.ts';

const WIDEN: Readonly<Record<BlockType, (bytes: Uint8Array, out: Float32Array, at: number) => void>> = {
  Q4_0: widenQ4_0,
  Q4_1: widenQ4_1,
  Q5_0: widenQ5_0,
  Q5_1: widenQ5_1,
  Q8_0: widenQ8_0,
  Q2_K: widenQ2_K,
  Q3_K: widenQ3_K,
  Q4_K: widenQ4_K,
  Q5_K: widenQ5_K,
  Q6_K: widenQ6_K,
};

/** Writes the elements of whole blocks as float32 into `out` from `at` on. */
export function widenBlocks(bytes: Uint8Array, type: BlockType, out: Float32Array, at: number): void {
  WIDEN[type](bytes, out, at);
}
