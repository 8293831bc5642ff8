import type { TensorSource } from './tensor-source.ts';

const CHUNK_BYTES = 4 * 1024 * 1024;

/** Whether two matrices hold the same numbers. Ends at the first rows that differ, a few at a time in memory. */
export async function sameValues(
  tensors: Pick<TensorSource, 'info' | 'raw' | 'read'>,
  left: string,
  right: string,
): Promise<boolean> {
  const [one, other] = [tensors.info(left), tensors.info(right)];
  const rows = one.shape[0] ?? 0;
  if (one.shape.join() !== other.shape.join() || rows === 0) return false;
  const sameType = one.type === other.type;
  const step = Math.max(1, Math.floor((CHUNK_BYTES * rows) / Math.max(1, one.byteLength)));
  for (let first = 0; first < rows; first += step) {
    const range = { first, count: Math.min(step, rows - first) };
    if (sameType && sameBytes(await tensors.raw(left, range), await tensors.raw(right, range))) continue;
    // other bits may be the same number: another type, or a zero's sign
    const [a, b] = [await tensors.read(left, range), await tensors.read(right, range)];
    if (a.some((value, index) => value !== b[index])) return false;
  }
  return true;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);
