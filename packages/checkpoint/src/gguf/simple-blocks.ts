import { float16Values } from '../number-formats.ts';

/*
 * Blocks of 32 elements with one scale d, and in the _1 types a minimum m. Elements i and i + 16
 * share a byte: low half, high half. float16 numbers and fifth bits are little-endian.
 *
 *     Q4_0  [f16 d]                  [16 × two 4-bit q]     d · (q - 8)
 *     Q4_1  [f16 d] [f16 m]          [16 × two 4-bit q]     d · q + m
 *     Q5_0  [f16 d]         [32 × 5th bit] [16 × low 4 bits]  d · (q - 16)
 *     Q5_1  [f16 d] [f16 m] [32 × 5th bit] [16 × low 4 bits]  d · q + m
 *     Q8_0  [f16 d]                  [32 × int8 q]          d · q
 *
 * Products of a float16 and so few bits are exact in float32; what is added rounds once, when it is
 * stored. So the results are those of float32 arithmetic bit for bit.
 */

const f16 = (bytes: Uint8Array, at: number) => float16Values[bytes[at]! | (bytes[at + 1]! << 8)]!;

export function widenQ4_0(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 18, to += 32) {
    const d = f16(bytes, block);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[block + 2 + i]!;
      out[to + i] = d * ((pair & 15) - 8);
      out[to + 16 + i] = d * ((pair >> 4) - 8);
    }
  }
}

export function widenQ4_1(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 20, to += 32) {
    const d = f16(bytes, block);
    const m = f16(bytes, block + 2);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[block + 4 + i]!;
      out[to + i] = d * (pair & 15) + m;
      out[to + 16 + i] = d * (pair >> 4) + m;
    }
  }
}

export function widenQ5_0(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 22, to += 32) {
    const d = f16(bytes, block);
    const fifth = bits32(bytes, block + 2);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[block + 6 + i]!;
      out[to + i] = d * (((pair & 15) | (((fifth >>> i) & 1) << 4)) - 16);
      out[to + 16 + i] = d * (((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) - 16);
    }
  }
}

export function widenQ5_1(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 24, to += 32) {
    const d = f16(bytes, block);
    const m = f16(bytes, block + 2);
    const fifth = bits32(bytes, block + 4);
    for (let i = 0; i < 16; i++) {
      const pair = bytes[block + 8 + i]!;
      out[to + i] = d * ((pair & 15) | (((fifth >>> i) & 1) << 4)) + m;
      out[to + 16 + i] = d * ((pair >> 4) | (((fifth >>> (i + 16)) & 1) << 4)) + m;
    }
  }
}

export function widenQ8_0(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 34, to += 32) {
    const d = f16(bytes, block);
    for (let i = 0; i < 32; i++) out[to + i] = d * ((bytes[block + 2 + i]! << 24) >> 24);
  }
}

const bits32 = (bytes: Uint8Array, at: number) =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
