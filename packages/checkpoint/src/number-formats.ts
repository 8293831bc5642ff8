import { JudgeDecodingError } from '@judge-decoding/core';
import type { ElementType, TensorType } from './tensor-source.ts';

/** Types that `widen` and `narrow` know. */
export type FloatType = 'F32' | 'F16' | 'BF16';

export const isFloatType = (type: TensorType): type is FloatType =>
  type === 'F32' || type === 'F16' || type === 'BF16';

/** Bytes an element takes. */
export const ELEMENT_BYTES: Readonly<Record<ElementType, number>> = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E4M3: 1,
  F8_E5M2: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
};

/** One float16, given as its bits, as a number. */
function float16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

/** Every float16 there is; computing each element anew would be many times slower. */
export const float16Values: Float32Array = Float32Array.from({ length: 65536 }, (_, bits) => float16(bits));

/**
 * Writes the elements of `bytes` (little-endian, any alignment) as float32 into `out` from `at` on.
 * Every value is kept exactly.
 */
export function widen(bytes: Uint8Array, type: FloatType, out: Float32Array, at: number): void {
  if (type === 'F32') {
    new Uint8Array(out.buffer, out.byteOffset + 4 * at, bytes.length).set(bytes);
    return;
  }
  const count = bytes.length / 2;
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : bytes.slice();
  const bits = new Uint16Array(aligned.buffer, aligned.byteOffset, count);
  if (type === 'F16') {
    for (let i = 0; i < count; i++) out[at + i] = float16Values[bits[i]!]!;
    return;
  }
  // bfloat16 is the upper half of a float32
  const target = new Uint32Array(out.buffer, out.byteOffset + 4 * at, count);
  for (let i = 0; i < count; i++) target[i] = bits[i]! << 16;
}

/** float32 to the stored form, little-endian, rounded to the nearest with ties to even. */
export function narrow(values: Float32Array, type: FloatType): Uint8Array {
  if (type === 'F32') return new Uint8Array(values.slice().buffer);
  const out = new Uint16Array(values.length);
  const bits = new Uint32Array(values.slice().buffer);
  for (let i = 0; i < values.length; i++) {
    out[i] = type === 'BF16' ? bfloat16Bits(bits[i]!) : float16Bits(values[i]!);
  }
  return new Uint8Array(out.buffer);
}

function bfloat16Bits(bits: number): number {
  const notANumber = (bits & 0x7f800000) === 0x7f800000 && (bits & 0x7fffff) !== 0;
  if (notANumber) return (bits >>> 16) | 0x40; // rounding could turn a NaN into an infinity
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

function float16Bits(value: number): number {
  if (Number.isNaN(value)) return 0x7e00;
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (size >= 65520) return sign | 0x7c00;
  // the spacing of float16 numbers around `size`; below 2^-14 it stays that of the subnormals
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  const steps = roundToEven(size / 2 ** (exponent - 10));
  // a carry out of the fraction runs into the exponent, which is what rounding up should do
  return sign | (size < 2 ** -14 ? steps : ((exponent + 15) << 10) + (steps - 1024));
}

function roundToEven(value: number): number {
  const down = Math.floor(value);
  const rest = value - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

/** Refuses a type that has no exact float32 form. */
export function requireFloat(name: string, type: TensorType): FloatType {
  if (isFloatType(type)) return type;
  throw new JudgeDecodingError(
    'unsupported',
    `Expected tensor \`${name}\` to hold F32, F16 or BF16, got ${type}. Use weights that are not quantised, or read it with \`raw\`.`,
  );
}
