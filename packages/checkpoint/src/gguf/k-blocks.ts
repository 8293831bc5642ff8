import { float16Values } from '../number-formats.ts';

/*
 * Blocks of 256 elements in 16 groups of 16 (Q2_K, Q3_K, Q6_K) or 8 of 32 (Q4_K, Q5_K), whose
 * scales are small integers times the block's float16 d; some have minimums times dmin likewise.
 *
 *     Q2_K  [16 × (4-bit scale, 4-bit min)] [64: 2-bit q] [f16 d] [f16 dmin]
 *     Q3_K  [32: 3rd bits] [64: low 2 bits] [12: 6-bit scales] [f16 d]
 *     Q4_K  [f16 d] [f16 dmin] [12: 6-bit scales and mins] [128: 4-bit q]
 *     Q5_K  [f16 d] [f16 dmin] [12: 6-bit scales and mins] [32: 5th bits] [128: low 4 bits]
 *     Q6_K  [128: low 4 bits] [64: high 2 bits] [16 × int8 scale] [f16 d]
 *
 * with values d·scale·q - dmin·min, q in Q3_K from -4 to 3 and in Q6_K from -32 to 31. Every product
 * is exact in float32 and the difference rounds once, when it is stored.
 */

const f16 = (bytes: Uint8Array, at: number) => float16Values[bytes[at]! | (bytes[at + 1]! << 8)]!;

/** Two halves of 128 elements; in each, byte i of 32 holds elements i, i + 32, i + 64 and i + 96. */
export function widenQ2_K(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 84, to += 256) {
    const d = f16(bytes, block + 80);
    const dmin = f16(bytes, block + 82);
    for (let group = 0; group < 16; group++) {
      const packed = bytes[block + group]!;
      const scale = d * (packed & 15);
      const min = dmin * (packed >> 4);
      const from = block + 16 + (group >> 3) * 32 + (group & 1) * 16;
      const shift = ((group >> 1) & 3) * 2;
      for (let i = 0; i < 16; i++) out[to + 16 * group + i] = scale * ((bytes[from + i]! >> shift) & 3) - min;
    }
  }
}

/** As Q2_K; bit n of third-bit byte i belongs to element i + 32 n, and set means that nothing is taken away. */
export function widenQ3_K(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 110, to += 256) {
    const d = f16(bytes, block + 108);
    for (let group = 0; group < 16; group++) {
      // low four bits: eight bytes, first eight scales in their low halves; high two: four bytes, a quarter each
      const low = bytes[block + 96 + (group & 7)]! >> (4 * (group >> 3));
      const high = bytes[block + 104 + (group & 3)]! >> (2 * (group >> 2));
      const scale = d * (((low & 15) | ((high & 3) << 4)) - 32);
      const offset = (group & 1) * 16;
      const from = block + 32 + (group >> 3) * 32 + offset;
      const third = group >> 1;
      const shift = (third & 3) * 2;
      for (let i = 0; i < 16; i++) {
        const taken = (bytes[block + offset + i]! >> third) & 1 ? 0 : 4;
        out[to + 16 * group + i] = scale * (((bytes[from + i]! >> shift) & 3) - taken);
      }
    }
  }
}

/** Groups 2n and 2n + 1 share 32 bytes: low halves, high halves. */
export function widenQ4_K(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 144, to += 256) {
    const d = f16(bytes, block);
    const dmin = f16(bytes, block + 2);
    for (let group = 0; group < 8; group += 2) {
      const lowScale = d * sixBitScale(bytes, block + 4, group);
      const lowMin = dmin * sixBitMin(bytes, block + 4, group);
      const highScale = d * sixBitScale(bytes, block + 4, group + 1);
      const highMin = dmin * sixBitMin(bytes, block + 4, group + 1);
      const from = block + 16 + group * 16;
      const start = to + 32 * group;
      for (let i = 0; i < 32; i++) {
        const pair = bytes[from + i]!;
        out[start + i] = lowScale * (pair & 15) - lowMin;
        out[start + 32 + i] = highScale * (pair >> 4) - highMin;
      }
    }
  }
}

/** As Q4_K; bit n of fifth-bit byte i belongs to element i of group n. */
export function widenQ5_K(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 176, to += 256) {
    const d = f16(bytes, block);
    const dmin = f16(bytes, block + 2);
    for (let group = 0; group < 8; group++) {
      const scale = d * sixBitScale(bytes, block + 4, group);
      const min = dmin * sixBitMin(bytes, block + 4, group);
      const from = block + 48 + (group >> 1) * 32;
      const shift = (group & 1) * 4;
      const start = to + 32 * group;
      for (let i = 0; i < 32; i++) {
        const fifth = ((bytes[block + 16 + i]! >> group) & 1) << 4;
        out[start + i] = scale * (((bytes[from + i]! >> shift) & 15) | fifth) - min;
      }
    }
  }
}

/**
 * Two halves of 128 elements. In each, low bits: byte i of 64 holds elements i and i + 64; high
 * bits: byte i of 32 holds elements i, i + 32, i + 64 and i + 96.
 */
export function widenQ6_K(bytes: Uint8Array, out: Float32Array, at: number): void {
  for (let block = 0, to = at; block < bytes.length; block += 210, to += 256) {
    const d = f16(bytes, block + 208);
    for (let group = 0; group < 16; group++) {
      const scale = d * ((bytes[block + 192 + group]! << 24) >> 24);
      const half = group >> 3;
      const inHalf = (group & 7) * 16;
      const lowFrom = block + half * 64 + (inHalf & 63);
      const lowShift = inHalf & 64 ? 4 : 0;
      const highFrom = block + 128 + half * 32 + (inHalf & 31);
      const highShift = (inHalf >> 5) * 2;
      const start = to + 16 * group;
      for (let i = 0; i < 16; i++) {
        const low = (bytes[lowFrom + i]! >> lowShift) & 15;
        const high = (bytes[highFrom + i]! >> highShift) & 3;
        out[start + i] = scale * ((low | (high << 4)) - 32);
      }
    }
  }
}

/**
 * Twelve bytes hold eight scales and eight minimums of six bits: those of the first four groups in
 * the low six bits of bytes 0-3 and 4-7; of the others the low four bits in the halves of bytes
 * 8-11, the high two in what is left of bytes 0-7.
 */
const sixBitScale = (bytes: Uint8Array, at: number, group: number) =>
  group < 4 ? bytes[at + group]! & 63 : (bytes[at + 4 + group]! & 15) | ((bytes[at + group - 4]! >> 6) << 4);

const sixBitMin = (bytes: Uint8Array, at: number, group: number) =>
  group < 4 ? bytes[at + 4 + group]! & 63 : (bytes[at + 4 + group]! >> 4) | ((bytes[at + group]! >> 6) << 4);
