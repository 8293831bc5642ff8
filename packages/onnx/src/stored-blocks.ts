import { type TensorType, widen } from '@judge-decoding/checkpoint/browser';

/** How a quantised matrix lies in a graph: element = scale · code + offset, with a scale for each block of a row. */
export interface CodeForm {
  readonly bits: 4 | 8;
  /** Elements of a row that share a scale. */
  readonly block: 16 | 32 | 64;
  /** Whether blocks have an offset besides the scale. */
  readonly offsets: boolean;
}

/** Codes of some rows with what makes them numbers. */
export interface Codes {
  /** -8 … 7 or -128 … 127, [rows, columns] */
  readonly codes: Int8Array;
  /** [rows, blocks] */
  readonly scales: Float32Array;
  /** [rows, blocks]; empty where the form has none. */
  readonly offsets: Float32Array;
}

interface StoredBlocks extends CodeForm {
  /** Elements and bytes of a block as stored. */
  readonly elements: 32 | 256;
  readonly bytes: number;
  /** Writes the codes, scales and offsets of `count` stored blocks. */
  unpack(bytes: Uint8Array, count: number, out: Codes): void;
}

const float16 = new Float32Array(65536);
widen(new Uint8Array(Uint16Array.from({ length: 65536 }, (_, bits) => bits).buffer), 'F16', float16, 0);
const f16 = (bytes: Uint8Array, at: number) => float16[bytes[at]! | (bytes[at + 1]! << 8)]!;
const signed = (byte: number) => (byte << 24) >> 24;

/** Q4_0, Q4_1, Q5_0, Q5_1: 32 elements, those 16 apart share a byte. */
function simple({ fifth, minimum }: { readonly fifth: boolean; readonly minimum: boolean }): StoredBlocks {
  const bitsAt = minimum ? 4 : 2;
  const pairsAt = bitsAt + (fifth ? 4 : 0);
  const centre = fifth ? 16 : 8;
  const size = pairsAt + 16;
  return {
    bits: fifth ? 8 : 4,
    block: 32,
    offsets: minimum,
    elements: 32,
    bytes: size,
    unpack(bytes, count, { codes, scales, offsets }) {
      for (let block = 0; block < count; block++) {
        const at = block * size;
        const scale = f16(bytes, at);
        scales[block] = scale;
        if (minimum) offsets[block] = centre * scale + f16(bytes, at + 2);
        for (let i = 0; i < 16; i++) {
          const pair = bytes[at + pairsAt + i]!;
          let [low, high] = [pair & 15, pair >> 4];
          if (fifth) {
            low |= ((bytes[at + bitsAt + (i >> 3)]! >> (i & 7)) & 1) << 4;
            high |= ((bytes[at + bitsAt + 2 + (i >> 3)]! >> (i & 7)) & 1) << 4;
          }
          codes[32 * block + i] = low - centre;
          codes[32 * block + 16 + i] = high - centre;
        }
      }
    },
  };
}

const Q8_0: StoredBlocks = {
  bits: 8,
  block: 32,
  offsets: false,
  elements: 32,
  bytes: 34,
  unpack(bytes, count, { codes, scales }) {
    for (let block = 0; block < count; block++) {
      scales[block] = f16(bytes, 34 * block);
      for (let i = 0; i < 32; i++) codes[32 * block + i] = bytes[34 * block + 2 + i]!;
    }
  },
};

const Q2_K: StoredBlocks = {
  bits: 4,
  block: 16,
  offsets: true,
  elements: 256,
  bytes: 84,
  unpack(bytes, count, { codes, scales, offsets }) {
    for (let block = 0; block < count; block++) {
      const at = 84 * block;
      const [d, dmin] = [f16(bytes, at + 80), f16(bytes, at + 82)];
      for (let group = 0; group < 16; group++) {
        const packed = bytes[at + group]!;
        scales[16 * block + group] = d * (packed & 15);
        offsets[16 * block + group] = -dmin * (packed >> 4);
        const from = at + 16 + (group >> 3) * 32 + (group & 1) * 16;
        const shift = ((group >> 1) & 3) * 2;
        const to = 256 * block + 16 * group;
        for (let i = 0; i < 16; i++) codes[to + i] = (bytes[from + i]! >> shift) & 3;
      }
    }
  },
};

const Q3_K: StoredBlocks = {
  bits: 4,
  block: 16,
  offsets: false,
  elements: 256,
  bytes: 110,
  unpack(bytes, count, { codes, scales }) {
    for (let block = 0; block < count; block++) {
      const at = 110 * block;
      const d = f16(bytes, at + 108);
      for (let group = 0; group < 16; group++) {
        const low = bytes[at + 96 + (group & 7)]! >> (4 * (group >> 3));
        const high = bytes[at + 104 + (group & 3)]! >> (2 * (group >> 2));
        scales[16 * block + group] = d * (((low & 15) | ((high & 3) << 4)) - 32);
        const inThird = (group & 1) * 16;
        const from = at + 32 + (group >> 3) * 32 + inThird;
        const third = group >> 1;
        const shift = (third & 3) * 2;
        const to = 256 * block + 16 * group;
        for (let i = 0; i < 16; i++) {
          const taken = (bytes[at + inThird + i]! >> third) & 1 ? 0 : 4;
          codes[to + i] = ((bytes[from + i]! >> shift) & 3) - taken;
        }
      }
    }
  },
};

/** Q4_K and Q5_K: eight groups of 32 with six-bit scales and minimums. */
function sixBitScaled(fifth: boolean): StoredBlocks {
  const size = fifth ? 176 : 144;
  const pairsAt = fifth ? 48 : 16;
  const centre = fifth ? 16 : 8;
  return {
    bits: fifth ? 8 : 4,
    block: 32,
    offsets: true,
    elements: 256,
    bytes: size,
    unpack(bytes, count, { codes, scales, offsets }) {
      for (let block = 0; block < count; block++) {
        const at = size * block;
        const [d, dmin] = [f16(bytes, at), f16(bytes, at + 2)];
        for (let group = 0; group < 8; group++) {
          const six = at + 4 + group;
          // of the first four groups in whole low bits, of the others in halves and what was left over
          const [scaleBits, minBits] =
            group < 4
              ? [bytes[six]! & 63, bytes[six + 4]! & 63]
              : [
                  (bytes[six + 4]! & 15) | ((bytes[six - 4]! >> 6) << 4),
                  (bytes[six + 4]! >> 4) | ((bytes[six]! >> 6) << 4),
                ];
          const scale = d * scaleBits;
          scales[8 * block + group] = scale;
          offsets[8 * block + group] = centre * scale - dmin * minBits;
          const from = at + pairsAt + (group >> 1) * 32;
          const shift = (group & 1) * 4;
          const to = 256 * block + 32 * group;
          if (fifth) {
            for (let i = 0; i < 32; i++) {
              const top = ((bytes[at + 16 + i]! >> group) & 1) << 4;
              codes[to + i] = (((bytes[from + i]! >> shift) & 15) | top) - centre;
            }
          } else {
            for (let i = 0; i < 32; i++) codes[to + i] = ((bytes[from + i]! >> shift) & 15) - centre;
          }
        }
      }
    },
  };
}

const Q6_K: StoredBlocks = {
  bits: 8,
  block: 16,
  offsets: false,
  elements: 256,
  bytes: 210,
  unpack(bytes, count, { codes, scales }) {
    for (let block = 0; block < count; block++) {
      const at = 210 * block;
      const d = f16(bytes, at + 208);
      for (let group = 0; group < 16; group++) {
        scales[16 * block + group] = d * signed(bytes[at + 192 + group]!);
        const half = group >> 3;
        const inHalf = (group & 7) * 16;
        const lowFrom = at + half * 64 + (inHalf & 63);
        const lowShift = inHalf & 64 ? 4 : 0;
        const highFrom = at + 128 + half * 32 + (inHalf & 31);
        const highShift = (inHalf >> 5) * 2;
        const to = 256 * block + 16 * group;
        for (let i = 0; i < 16; i++) {
          const low = (bytes[lowFrom + i]! >> lowShift) & 15;
          const high = (bytes[highFrom + i]! >> highShift) & 3;
          codes[to + i] = (low | (high << 4)) - 32;
        }
      }
    }
  },
};

/**
 * Every block type of a GGUF file as codes with a scale and perhaps an offset for each block: no
 * element changes, but that an offset is rounded to float32. Codes lie around zero, so that they
 * fit a symmetric product; what that shifts is in the offset.
 */
export const STORED_BLOCKS: Readonly<Partial<Record<TensorType, StoredBlocks>>> = {
  Q4_0: simple({ fifth: false, minimum: false }),
  Q4_1: simple({ fifth: false, minimum: true }),
  Q5_0: simple({ fifth: true, minimum: false }),
  Q5_1: simple({ fifth: true, minimum: true }),
  Q8_0,
  Q2_K,
  Q3_K,
  Q4_K: sixBitScaled(false),
  Q5_K: sixBitScaled(true),
  Q6_K,
};
