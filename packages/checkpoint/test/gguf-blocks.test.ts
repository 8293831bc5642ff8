import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { BLOCK_SHAPES, isBlockType } from '../src/block-shapes.ts';
import { widenBlocks } from '../src/gguf/widen-blocks.ts';
import { type FloatType, widen } from '../src/number-formats.ts';
import type { TensorType } from '../src/tensor-source.ts';

/** Made by tools/gguf-goldens with the gguf package for Python. */
const goldens: { type: TensorType; bytes: string; values: string }[] = JSON.parse(
  readFileSync(new URL('fixtures/gguf-blocks.json', import.meta.url), 'utf8'),
);

test('there is a golden for every type', () => {
  expect(goldens.map(({ type }) => type).sort()).toEqual(
    [...Object.keys(BLOCK_SHAPES), 'F32', 'F16', 'BF16'].sort(),
  );
});

test.each(goldens)('$type blocks have the values that Python gives them, bit for bit', (golden) => {
  const { type } = golden;
  const bytes = new Uint8Array(Buffer.from(golden.bytes, 'base64'));
  const expected = new Uint32Array(new Uint8Array(Buffer.from(golden.values, 'base64')).buffer);
  const before = 3;
  const out = new Float32Array(before + expected.length).fill(7);
  if (isBlockType(type)) widenBlocks(bytes, type, out, before);
  else widen(bytes, type as FloatType, out, before);
  expect([...out.subarray(0, before)]).toEqual([7, 7, 7]);
  expect([...new Uint32Array(out.buffer, 4 * before)]).toEqual([...expected]);
});
