import { isUtf8, textsOf } from '../utf8.ts';

/** Thrown where a header goes on behind the bytes at hand, of which the file has more. */
export class NeedsMoreBytes extends Error {}

/** Longer than any name, token or chat template; a lying length is refused before anything is read. */
const MAX_STRING_BYTES = 4 * 1024 * 1024;

/** Reads little-endian values one after another, never behind the end of the file. */
export interface ByteCursor {
  readonly position: number;
  u8(): number;
  u16(): number;
  u32(): number;
  i8(): number;
  i16(): number;
  i32(): number;
  f32(): number;
  f64(): number;
  /** As a number where it is exact, else as a bigint. */
  u64(): number | bigint;
  i64(): number | bigint;
  /** A 64-bit length or count of things that take at least `bytesEach` bytes of what is left of the file. */
  count(what: string, bytesEach: number): number;
  /** A string with its length before it. Refused unless it is UTF-8. */
  text(what: string): string;
  /** As `text`, without making a string. */
  skipText(what: string): void;
  skip(bytes: number): void;
  /** A view of what was read since `start`. */
  since(start: number): Uint8Array;
}

export function byteCursor(
  bytes: Uint8Array,
  fileBytes: number,
  bad: (problem: string) => Error,
): ByteCursor {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = 0;

  const take = (length: number): number => {
    const start = position;
    if (start + length > bytes.length) {
      if (start + length > fileBytes) {
        throw bad(`its header goes on at byte ${start}, the file ends at ${fileBytes}: it is truncated`);
      }
      throw new NeedsMoreBytes();
    }
    position += length;
    return start;
  };
  const plain = (value: bigint): number | bigint => {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  };
  const count = (what: string, bytesEach: number): number => {
    const start = take(8);
    const room = fileBytes - position;
    // most are small; bigints would make a vocabulary many times slower
    const small = view.getUint32(start + 4, true) === 0;
    const value = small ? view.getUint32(start, true) : view.getBigUint64(start, true);
    if (typeof value === 'number' && value * bytesEach <= room) return value;
    throw bad(`it claims ${value} ${what} at byte ${start}, more than the ${room} bytes left can hold`);
  };
  /** Where the text begins; it ends at the new position. */
  const takeText = (what: string): number => {
    const length = count('bytes', 1);
    if (length > MAX_STRING_BYTES) {
      throw bad(`it claims ${length} bytes of ${what}, more than ${MAX_STRING_BYTES}`);
    }
    const start = take(length);
    for (let i = start; i < position; i++) {
      if (bytes[i]! < 0x80) continue;
      if (isUtf8(bytes, i, position)) break;
      throw bad(`${what} at byte ${start} is not UTF-8`);
    }
    return start;
  };
  const text = textsOf(bytes);

  return {
    get position() {
      return position;
    },
    u8: () => view.getUint8(take(1)),
    u16: () => view.getUint16(take(2), true),
    u32: () => view.getUint32(take(4), true),
    i8: () => view.getInt8(take(1)),
    i16: () => view.getInt16(take(2), true),
    i32: () => view.getInt32(take(4), true),
    f32: () => view.getFloat32(take(4), true),
    f64: () => view.getFloat64(take(8), true),
    u64: () => plain(view.getBigUint64(take(8), true)),
    i64: () => plain(view.getBigInt64(take(8), true)),
    count,
    text: (what) => {
      const start = takeText(what);
      return text(start, position);
    },
    skipText: (what) => {
      takeText(what);
    },
    skip: (bytes) => {
      take(bytes);
    },
    since: (start) => bytes.subarray(start, position),
  };
}
