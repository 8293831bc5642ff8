import { narrow, widen } from '@judge-decoding/checkpoint';
import type { HeldAs } from '../engine.ts';

/**
 * What the device makes of the rows of a matrix, in plain loops: the reference its kernels are held
 * against, and how the error of rounding is told. Arithmetic is float32, rounding to the nearest, ties to
 * even, as on the device.
 */
export interface QuantisedRows {
  /** Steps (int8, int4) or e4m3 values. [rows, cols] */
  readonly steps: Float32Array;
  /** A row's, or each of its groups'. [rows, groups] */
  readonly scales: Float32Array;
  readonly groups: number;
  /** Inputs of a group. */
  readonly width: number;
}

/** Inputs that share a scale in int4, and in GGUF's blocks. */
export const INT4_GROUP = 128;
export const BLOCK = 32;

/**
 * What the value of the largest magnitude is in steps. In four bits it is minus eight whatever its sign, as
 * GGUF's Q4_0 has it: all sixteen steps are used, and the largest weights are the least wrong.
 */
const LARGEST = { int8: 127, int4: -8, fp8: 448, q8_0: 127, q4_0: -8 } as const;
/** Inputs that share a float16 scale; absent: all of a row share a float32 one. */
const GROUPS: Readonly<Partial<Record<HeldAs, number>>> = { int4: INT4_GROUP, q8_0: BLOCK, q4_0: BLOCK };

/** One scale a row (int8, fp8) or group, which is negative where the largest of four bits is positive. `values` is [rows, cols]. */
export function quantiseRows(
  values: Float32Array,
  cols: number,
  heldAs: keyof typeof LARGEST,
): QuantisedRows {
  const width = GROUPS[heldAs] ?? cols;
  const rows = values.length / cols;
  const groups = Math.ceil(cols / width);
  const largest = LARGEST[heldAs];
  const scales = new Float32Array(rows * groups);
  eachGroup({ length: values.length, cols, groups, width }, (group, from, end) => {
    let [high, low] = [0, 0];
    for (let i = from; i < end; i++) {
      high = Math.max(high, values[i]!);
      low = Math.min(low, values[i]!);
    }
    scales[group] = (high >= -low ? high : largest < 0 ? low : -low) / largest;
  });
  if (GROUPS[heldAs] !== undefined) widen(narrow(scales, 'F16'), 'F16', scales, 0);
  const steps = new Float32Array(values.length);
  eachGroup({ length: values.length, cols, groups, width }, (group, from, end) => {
    const scale = scales[group]!;
    if (scale === 0) return;
    for (let i = from; i < end; i++) {
      const step = Math.fround(values[i]! / scale);
      steps[i] = heldAs === 'fp8' ? e4m3(step) : clamp(nearestEven(step), largest);
    }
  });
  return { steps, scales, groups, width };
}

/** The values that `quantiseRows` stands for. [rows, cols] */
export function dequantiseRows({ steps, scales, groups, width }: QuantisedRows, cols: number): Float32Array {
  const values = new Float32Array(steps.length);
  eachGroup({ length: steps.length, cols, groups, width }, (group, from, end) => {
    const scale = scales[group]!;
    if (scale === 0) return;
    for (let i = from; i < end; i++) values[i] = steps[i]! * scale;
  });
  return values;
}

/** Where each group of a matrix begins and ends. */
function eachGroup(
  { length, cols, groups, width }: { length: number; cols: number; groups: number; width: number },
  work: (group: number, from: number, end: number) => void,
): void {
  for (let row = 0; row * cols < length; row++) {
    for (let group = 0; group < groups; group++) {
      const from = row * cols + group * width;
      work(row * groups + group, from, Math.min(from + width, (row + 1) * cols));
    }
  }
}

/** The rows as the device holds them, as float32. */
export function roundedRows(values: Float32Array, cols: number, heldAs: HeldAs): Float32Array {
  if (heldAs !== 'bf16' && heldAs !== 'fp16') return dequantiseRows(quantiseRows(values, cols, heldAs), cols);
  const rounded = new Float32Array(values.length);
  const type = heldAs === 'bf16' ? 'BF16' : 'F16';
  widen(narrow(values, type), type, rounded, 0);
  return rounded;
}

/** Within what is as long as `largest` on either side, or, where that is negative, a step shorter above nought. */
const clamp = (value: number, largest: number): number =>
  Math.max(-Math.abs(largest), Math.min(largest < 0 ? -1 - largest : largest, value));

/** C's rint. */
export function nearestEven(value: number): number {
  const rounded = Math.round(value);
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** The nearest e4m3 number, ties to the even fraction; above 448 it stays 448 (there is no infinity). */
export function e4m3(value: number): number {
  const size = Math.abs(value);
  if (size === 0 || Number.isNaN(value)) return value;
  // three bits of fraction; below 2^-6 the spacing stays that of the smallest numbers
  const exponent = Math.max(-6, Math.floor(Math.log2(size)));
  const spacing = 2 ** (exponent - 3);
  return Math.sign(value) * Math.min(448, nearestEven(size / spacing) * spacing);
}
