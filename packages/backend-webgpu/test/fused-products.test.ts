import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { fuseProducts, hasRelaxedSimd } from '../src/browser/fused-products.ts';

const V128 = 0x7b;
const [GET, SET] = [0x20, 0x21];
const MUL = [0xfd, 0xe6, 0x01];
const ADD = [0xfd, 0xe4, 0x01];
const MADD = [0xfd, 0x85, 0x02];
/** sum + one · other, the sum loaded first and last; kept in the sum. */
const FIRST = [GET, 0, GET, 1, GET, 2, ...MUL, ...ADD, SET, 0];
const LAST = [GET, 1, GET, 2, ...MUL, GET, 0, ...ADD, SET, 0];

const long = (size: number) => [(size % 128) + 128, size >> 7];

/** A module whose only function is given a sum and two factors, and has these instructions. */
function moduleOf(instructions: readonly number[]): Uint8Array<ArrayBuffer> {
  const body = [0, ...instructions, GET, 0, 0x0b];
  const code = [1, ...long(body.length), ...body];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 8, 1, 0x60, 3, V128, V128, V128, 1, V128],
    ...[3, 2, 1, 0],
    ...[10, ...long(code.length), ...code],
    // what lies behind the code stays: a section of one's own
    ...[0, 3, 1, 0x61, 0x62],
  ]);
}

const times = (count: number, part: readonly number[]) => Array.from({ length: count }, () => part).flat();
const count = (bytes: Uint8Array, part: readonly number[]) =>
  bytes.reduce((sum, _, at) => sum + Number(part.every((byte, offset) => bytes[at + offset] === byte)), 0);

test('products and sums of a kernel become one instruction, whichever is loaded first', () => {
  const given = moduleOf([...times(12, FIRST), ...times(12, LAST)]);
  expect(WebAssembly.validate(given)).toBe(true);
  const { module, functions, pairs } = fuseProducts(given);
  expect({ functions, pairs }).toEqual({ functions: 1, pairs: 24 });
  expect([count(module, MUL), count(module, ADD), count(module, MADD)]).toEqual([0, 0, 24]);
  expect([...module.subarray(-5)]).toEqual([...given.subarray(-5)]);
  // only a runtime that has the instruction can say more
  if (hasRelaxedSimd()) expect(WebAssembly.validate(module)).toBe(true);
});

test('a few products are no kernel, and a constant of the same bytes is no product', () => {
  const few = moduleOf(times(23, FIRST));
  expect(fuseProducts(few)).toMatchObject({ module: few, functions: 0, pairs: 0 });
  const constant = [0xfd, 12, ...times(2, [...MUL, ...ADD]), 0, 0, 0, 0, SET, 0];
  const constants = moduleOf(times(24, constant));
  expect(WebAssembly.validate(constants)).toBe(true);
  expect(fuseProducts(constants)).toMatchObject({ module: constants, pairs: 0 });
});

test('what breaks off in the middle is refused', () => {
  const given = moduleOf(times(24, FIRST));
  expect(() => fuseProducts(given.slice(0, 20))).toThrow();
  // its last instruction is longer than the function
  const broken = moduleOf([...times(24, FIRST), 0x43]);
  expect(() => fuseProducts(broken)).toThrow(/ends inside/);
});

test('ONNX Runtime’s file has two kernels of 36 products each, and nothing else changes', () => {
  const path = createRequire(import.meta.url).resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm');
  const given = new Uint8Array(readFileSync(path));
  const { module, functions, pairs } = fuseProducts(given);
  expect({ functions, pairs }).toEqual({ functions: 2, pairs: 72 });
  // three numbers for each product that moves, and locals
  expect(module.length - given.length).toBeLessThan(1500);
  expect(fuseProducts(module)).toMatchObject({ functions: 0, pairs: 0 });
  if (hasRelaxedSimd()) expect(WebAssembly.validate(module)).toBe(true);
});
