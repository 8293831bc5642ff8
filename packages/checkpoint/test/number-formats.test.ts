import { expect, test } from 'vitest';
import { narrow, widen } from '../src/number-formats.ts';

const allBits = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
const bytesOf = (array: Uint16Array | Float32Array) =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

function widened(bytes: Uint8Array, type: 'F16' | 'BF16' | 'F32', count: number): Float32Array {
  const out = new Float32Array(count);
  widen(bytes, type, out, 0);
  return out;
}

test.each(['F16', 'BF16'] as const)('every %s number survives widening and narrowing', (type) => {
  const values = widened(bytesOf(allBits), type, 65536);
  const back = new Uint16Array(narrow(values, type).buffer);
  for (let bits = 0; bits < 65536; bits++) {
    if (Number.isNaN(values[bits]))
      expect(widened(bytesOf(back.subarray(bits, bits + 1).slice()), type, 1)[0]).toBeNaN();
    else if (back[bits] !== bits) expect.fail(`${bits} became ${back[bits]}`);
  }
});

test.each([
  { bits: 0x3c00, value: 1 },
  { bits: 0xc000, value: -2 },
  { bits: 0x7bff, value: 65504 },
  { bits: 0x0001, value: 2 ** -24 },
  { bits: 0x0400, value: 2 ** -14 },
  { bits: 0x3555, value: 0.333251953125 },
  { bits: 0x7c00, value: Number.POSITIVE_INFINITY },
])('float16 $bits is $value', ({ bits, value }) => {
  expect(widened(bytesOf(Uint16Array.of(bits)), 'F16', 1)[0]).toBe(value);
});

test.each(['F16', 'BF16'] as const)('narrowing to %s takes the nearest number, ties to even', (type) => {
  const finite = [...widened(bytesOf(allBits), type, 65536)].filter(
    (value) => Number.isFinite(value) && value >= 0,
  );
  finite.sort((a, b) => a - b);
  for (let i = 0; i + 1 < finite.length; i += 7) {
    const [low, high] = [finite[i]!, finite[i + 1]!];
    if (high === low) continue;
    const middle = low / 2 + high / 2;
    const nearer = Float32Array.of(low + (high - low) * 0.25, middle, low + (high - low) * 0.75);
    const got = widened(narrow(nearer, type), type, 3);
    expect([got[0], got[2]]).toEqual([low, high]);
    const bits = new Uint16Array(narrow(Float32Array.of(got[1]!), type).buffer)[0]!;
    expect(bits % 2).toBe(0);
  }
});

test('numbers beyond the largest become infinite, NaN stays NaN', () => {
  expect([...widened(narrow(Float32Array.of(65519, 65520, -1e9), 'F16'), 'F16', 3)]).toEqual([
    65504, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY,
  ]); // biome-ignore format: one line
  const nans = new Float32Array(new Uint32Array([0x7f800001, 0xffffffff]).buffer);
  expect([...widened(narrow(nans, 'BF16'), 'BF16', 2)]).toEqual([Number.NaN, Number.NaN]);
});

test('bytes at an odd address are read alike', () => {
  const shifted = new Uint8Array(5);
  shifted.set(bytesOf(Uint16Array.of(0x3c00, 0xc000)), 1);
  expect([...widened(shifted.subarray(1), 'F16', 2)]).toEqual([1, -2]);
});
