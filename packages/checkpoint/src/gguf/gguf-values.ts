import { type ByteCursor, byteCursor } from './byte-cursor.ts';

/** A metadata value. Numbers of 64 bits that no double holds exactly are bigints. */
export type GgufValue = number | bigint | boolean | string | GgufArray;

/** Stays bytes until somebody needs it; what is made of it then is made anew at every call. */
export type GgufArray =
  | { readonly kind: 'strings'; readonly length: number; strings(): string[] }
  | { readonly kind: 'numbers'; readonly length: number; numbers(): number[] };

/** Ten times the largest vocabulary in use. */
const MAX_ARRAY_LENGTH = 2 ** 22;
const STRING = 8;
const ARRAY = 9;
const BOOLEAN = 7;

type Bad = (problem: string) => Error;

interface NumberType {
  readonly bytes: number;
  read(cursor: ByteCursor): number | bigint;
}

/** By the number that stands for the type in the file. */
const NUMBER_TYPES: Readonly<Record<number, NumberType>> = {
  0: { bytes: 1, read: (cursor) => cursor.u8() },
  1: { bytes: 1, read: (cursor) => cursor.i8() },
  2: { bytes: 2, read: (cursor) => cursor.u16() },
  3: { bytes: 2, read: (cursor) => cursor.i16() },
  4: { bytes: 4, read: (cursor) => cursor.u32() },
  5: { bytes: 4, read: (cursor) => cursor.i32() },
  6: { bytes: 4, read: (cursor) => shortestDecimal(cursor.f32()) },
  10: { bytes: 8, read: (cursor) => cursor.u64() },
  11: { bytes: 8, read: (cursor) => cursor.i64() },
  12: { bytes: 8, read: (cursor) => cursor.f64() },
};

/** Type and value: [u32 type][value], an array as [u32 element type][u64 length][elements]. */
export function readValue(cursor: ByteCursor, key: string, bad: Bad): GgufValue {
  const type = cursor.u32();
  const number = NUMBER_TYPES[type];
  if (number !== undefined) return number.read(cursor);
  switch (type) {
    case STRING:
      return cursor.text(`the value of \`${key}\``);
    case BOOLEAN:
      return readBoolean(cursor.u8(), key, bad);
    case ARRAY:
      return readArray(cursor, key, bad);
    default:
      throw bad(`\`${key}\` has a value of the unknown type ${type}`);
  }
}

function readBoolean(byte: number, key: string, bad: Bad): boolean {
  if (byte > 1) throw bad(`\`${key}\` is neither true nor false but ${byte}`);
  return byte === 1;
}

function readArray(cursor: ByteCursor, key: string, bad: Bad): GgufArray {
  const type = cursor.u32();
  const number = NUMBER_TYPES[type];
  if (type === STRING) return stringArray(cursor, key, arrayLength(cursor, key, 8, bad));
  if (number !== undefined) return numberArray(cursor, number, arrayLength(cursor, key, number.bytes, bad));
  if (type === BOOLEAN) return numberArray(cursor, NUMBER_TYPES[0]!, arrayLength(cursor, key, 1, bad));
  throw bad(
    type === ARRAY
      ? `\`${key}\` is an array of arrays, which no reader expects`
      : `\`${key}\` is an array of the unknown type ${type}`,
  );
}

function arrayLength(cursor: ByteCursor, key: string, bytesEach: number, bad: Bad): number {
  const length = cursor.count(`elements of \`${key}\``, bytesEach);
  if (length <= MAX_ARRAY_LENGTH) return length;
  throw bad(`\`${key}\` has ${length} elements, more than ${MAX_ARRAY_LENGTH}`);
}

/** Reads again what was walked over once. */
function cursorAgain(cursor: ByteCursor, start: number): () => ByteCursor {
  const bytes = cursor.since(start);
  return () => byteCursor(bytes, bytes.length, (problem) => new Error(problem));
}

function stringArray(cursor: ByteCursor, key: string, length: number): GgufArray {
  const what = `an element of \`${key}\``;
  const start = cursor.position;
  // over all of them once, so that a broken one is found when the file is opened
  for (let i = 0; i < length; i++) cursor.skipText(what);
  const again = cursorAgain(cursor, start);
  const strings = () => {
    const reading = again();
    return Array.from({ length }, () => reading.text(what));
  };
  return { kind: 'strings', length, strings };
}

function numberArray(cursor: ByteCursor, type: NumberType, length: number): GgufArray {
  const start = cursor.position;
  cursor.skip(length * type.bytes);
  const again = cursorAgain(cursor, start);
  const numbers = () => {
    const reading = again();
    return Array.from({ length }, () => Number(type.read(reading)));
  };
  return { kind: 'numbers', length, numbers };
}

/**
 * The number its writer meant: float32 keeps 1e-5 as 9.99999974737875e-6, and the same setting
 * in a config.json reads 1e-5. The shortest decimal that float32 would keep the same way.
 */
export function shortestDecimal(value: number): number {
  if (!Number.isFinite(value)) return value;
  for (let digits = 1; digits < 9; digits++) {
    const decimal = Number(value.toPrecision(digits));
    if (Math.fround(decimal) === value) return decimal;
  }
  return value;
}
