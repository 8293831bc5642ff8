import { inflateRawSync } from 'node:zlib';
import { JudgeDecodingError } from '@judge-decoding/core';

/** Numbers of an array and its shape. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/** Far above any head; a file that claims more is something else. */
const MOST_BYTES = 256 * 1024 * 1024;
const MOST_ENTRIES = 64;

/** The arrays of a .npz file (numpy's `savez` or `savez_compressed`), by name. Objects, which are pickled, are refused. */
export function readNpz(file: Uint8Array, path: string): ReadonlyMap<string, NpyArray> {
  const bad = (what: string) =>
    new JudgeDecodingError('invalid-file', `Expected \`${path}\` to be a .npz file, but ${what}.`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const inside = (at: number, bytes: number) => {
    if (!(at >= 0 && bytes >= 0 && at + bytes <= file.length)) throw bad('it ends too early');
  };
  // the directory of a zip archive stands at its end, behind it a comment of at most 64 KiB
  let end = file.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0 || file.length - end > 66_000) throw bad('it has no directory');
  const count = view.getUint16(end + 10, true);
  if (count > MOST_ENTRIES) throw bad(`it has ${count} arrays, and ${MOST_ENTRIES} are allowed`);
  let at = view.getUint32(end + 16, true);
  const arrays = new Map<string, NpyArray>();
  for (let entry = 0; entry < count; entry++) {
    inside(at, 46);
    if (view.getUint32(at, true) !== 0x02014b50) throw bad('its directory is damaged');
    const method = view.getUint16(at + 10, true);
    const [stored, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
    const [nameLength, extra, comment] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true)) as [
      number,
      number,
      number,
    ];
    const local = view.getUint32(at + 42, true);
    inside(at + 46, nameLength);
    const name = Buffer.from(file.subarray(at + 46, at + 46 + nameLength)).toString('utf8');
    at += 46 + nameLength + extra + comment;
    inside(local, 30);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    inside(start, stored);
    if (size > MOST_BYTES) throw bad(`\`${name}\` has ${size} bytes, and ${MOST_BYTES} are allowed`);
    const packed = file.subarray(start, start + stored);
    let bytes: Uint8Array;
    try {
      bytes = method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: Math.max(1, size) });
    } catch {
      throw bad(`\`${name}\` cannot be unpacked`);
    }
    arrays.set(
      name.replace(/\.npy$/, ''),
      readNpy(bytes, (what) => bad(`\`${name}\` ${what}`)),
    );
  }
  return arrays;
}

function readNpy(bytes: Uint8Array, bad: (what: string) => JudgeDecodingError): NpyArray {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || Buffer.from(bytes.subarray(0, 6)).toString('latin1') !== '\x93NUMPY')
    throw bad('is no array of numpy');
  const long = bytes[6]! >= 2;
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const data = (long ? 12 : 10) + length;
  if (data > bytes.length) throw bad('ends within its header');
  const header = Buffer.from(bytes.subarray(long ? 12 : 10, data)).toString('latin1');
  const kind = /'descr':\s*'([^']*)'/.exec(header)?.[1] ?? '';
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  if (/'fortran_order':\s*True/.test(header) && shape.filter((size) => size > 1).length > 1)
    throw bad('is in Fortran’s order: save it with numpy.ascontiguousarray');
  const [size, read] = READERS[kind] ?? [];
  if (size === undefined || read === undefined) throw bad(`is of type ${kind || 'unknown'}, no numbers`);
  const count = shape.reduce((product, one) => product * one, 1);
  if (!(Number.isInteger(count) && count >= 0 && data + count * size === bytes.length))
    throw bad(`has ${bytes.length - data} bytes for the shape (${shape.join(', ')})`);
  return { shape, values: Float64Array.from({ length: count }, (_, i) => read(view, data + i * size)) };
}

const READERS: Readonly<Record<string, readonly [number, (view: DataView, at: number) => number]>> = {
  '<f8': [8, (view, at) => view.getFloat64(at, true)],
  '<f4': [4, (view, at) => view.getFloat32(at, true)],
  '<i8': [8, (view, at) => Number(view.getBigInt64(at, true))],
  '<i4': [4, (view, at) => view.getInt32(at, true)],
};
