import { closeSync, openSync, readSync } from 'node:fs';
import { JudgeDecodingError } from '@judge-decoding/core';

/** Rows of one state, wherever they lie: [rows, width]. */
export interface StateRows {
  readonly rows: number;
  readonly width: number;
  /** Row `row` into `into` from `at` on. */
  read(row: number, into: Float32Array, at: number): void;
  /** Where a row lies, as people find it. */
  placeOf(row: number): string;
}

/** Rows that are in memory, row-major. */
export function memoryRows(values: Float32Array, width: number): StateRows {
  return {
    rows: width === 0 ? 0 : values.length / width,
    width,
    read: (row, into, at) => into.set(values.subarray(row * width, (row + 1) * width), at),
    placeOf: (row) => `row ${row}`,
  };
}

/** A part of a state: `rows` rows from byte `position` of a file on, float32. */
export interface RowFile {
  readonly path: string;
  readonly position: number;
  readonly rows: number;
}

/** So many files are held open at most. */
const MOST_OPEN = 64;

/** Rows that stay on the disk, in files one after another; each is read when it is asked for. */
export function fileRows(files: readonly RowFile[], width: number, open = openFiles()): StateRows {
  const starts: number[] = [];
  let rows = 0;
  for (const file of files) {
    starts.push(rows);
    rows += file.rows;
  }
  let last = 0;
  const fileOf = (row: number): number => {
    if (row >= starts[last]! && row < starts[last]! + files[last]!.rows) return last;
    let [low, high] = [0, files.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    last = low;
    return low;
  };
  return {
    rows,
    width,
    read(row, into, at) {
      const index = fileOf(row);
      const { path, position } = files[index]!;
      const from = position + (row - starts[index]!) * width * 4;
      const bytes = new Uint8Array(into.buffer, into.byteOffset + at * 4, width * 4);
      let done = 0;
      while (done < bytes.length) {
        const got = readSync(open(path), bytes, done, bytes.length - done, from + done);
        if (got === 0)
          throw new JudgeDecodingError(
            'invalid-file',
            `Expected ${width} numbers at byte ${from} of \`${path}\`, but the file ends before. Remove it: the extraction writes it again.`,
          );
        done += got;
      }
    },
    placeOf(row) {
      const index = fileOf(row);
      return `row ${row - starts[index]!} of \`${files[index]!.path}\``;
    },
  };
}

/** File descriptors by path, the one used longest ago closed first. */
export function openFiles(): (path: string) => number {
  const known = new Map<string, number>();
  return (path) => {
    const found = known.get(path);
    if (found !== undefined) return found;
    if (known.size >= MOST_OPEN) {
      const [oldest, descriptor] = known.entries().next().value!;
      known.delete(oldest);
      closeSync(descriptor);
    }
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (cause) {
      throw new JudgeDecodingError('io', `Could not read \`${path}\`.`, { cause });
    }
    known.set(path, descriptor);
    return descriptor;
  };
}
