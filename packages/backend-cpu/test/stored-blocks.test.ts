import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint, type TensorType } from '@judge-decoding/checkpoint';
import { ggufBytes, makeTinyCheckpoint, tinyGgufParts } from '@judge-decoding/checkpoint/testing';
import { GGUF_TYPES, randomBlocks, roundedTensors } from '@judge-decoding/onnx/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CpuOptions, cpuBackend } from '../src/index.ts';
import { referenceForward } from './reference-forward.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-quantised-'));
const folder = join(root, 'model');
const backend = cpuBackend({ cacheFolder: join(root, 'cache'), threads: 1 });
beforeAll(async () => {
  await makeTinyCheckpoint(folder, { hiddenSize: 256, layers: 1, intermediateSize: 512 });
});
afterAll(() => rm(root, { recursive: true, force: true }));

const prompt = Array.from({ length: 17 }, (_, index) => (index * 37 + 11) % 200);

/** Distance of two lists of numbers in parts of the second's length. */
const distance = (a: Float32Array, b: Float32Array): number =>
  Math.sqrt(a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0) / b.reduce((sum, value) => sum + value * value, 0)); // biome-ignore format: one formula

/** A model whose matrices are random blocks; `types` in turn, so that q, k and v may differ. */
async function ggufOf(name: string, types: readonly TensorType[]): Promise<string> {
  const path = join(root, `${name}.gguf`);
  const parts = await tinyGgufParts(folder);
  let next = 0;
  const tensors = parts.tensors.map((tensor) =>
    tensor.shape.length < 2
      ? tensor
      : { ...tensor, ...randomBlocks(types[next++ % types.length]!, tensor.shape) },
  );
  await writeFile(path, ggufBytes({ ...parts, tensors }));
  return path;
}

async function logitsOf(location: string, options: CpuOptions) {
  const model = await backend.open(location, options);
  const { logits } = await (await model.openSession()).forward(prompt, { logits: true });
  const alone: number[] = [];
  const session = await model.openSession();
  for (const token of prompt) alone.push(...(await session.forward([token], { logits: true })).logits);
  const { weights, info } = model;
  await model.dispose();
  return { logits, alone: Float32Array.from(alone), weights, info };
}

test.each([
  ...Object.keys(GGUF_TYPES).map((type) => [type as TensorType]),
  ['Q4_K', 'Q6_K', 'Q5_1', 'Q4_0', 'Q2_K'] as TensorType[],
])('%s %s %s: blocks run as they are carried, but for the activations', async (...types) => {
  const location = await ggufOf(types.join('-'), types);
  const checkpoint = await openCheckpoint(location);
  const { config, tensors } = checkpoint;
  const reference = await referenceForward({ config, tensors: roundedTensors(tensors, 8) }, prompt);
  const asStored = await referenceForward({ config, tensors }, prompt);
  await checkpoint.dispose();
  const [expected, unrounded] = [reference, asStored].map(({ logits }) =>
    Float32Array.from(logits.flatMap((row) => [...row])),
  ) as [Float32Array, Float32Array];

  const run = await logitsOf(location, { dtype: 'auto' });
  // activations are rounded, and sums of them; random offsets are many times a real file's
  expect(distance(run.logits, expected)).toBeLessThan(4e-2);
  // float sums of another order now and then round an activation to the next step
  expect(distance(run.alone, run.logits)).toBeLessThan(1e-2);
  for (const { stored, use, offsets, exact, relativeError } of run.weights.carried) {
    // products by Q6_K go into longer blocks, and offsets are folded; these random blocks have scales of any size side by side
    const isRounded = (stored === 'Q6_K' || offsets) && use === 'product';
    expect([exact, relativeError > 0, relativeError < 0.01]).toEqual([!isRounded, isRounded, true]);
  }
  expect(run.info.dtype).toBe(types.every((type) => /^Q[234]/.test(type)) ? 'int4' : 'int8');

  if (process.arch === 'x64') {
    const exact = await logitsOf(location, { exact: true });
    expect(exact.info.exact).toBe(true);
    expect(distance(exact.alone, exact.logits)).toBe(0);
  }

  const floats = await logitsOf(location, { dtype: 'fp32' });
  expect(floats.info.dtype).toBe('fp32');
  expect(distance(floats.logits, unrounded)).toBeLessThan(1e-5);
});

test('what is rounded is said, with the error', async () => {
  const model = await backend.open(folder, { dtype: 'int4' });
  const products = model.weights.carried.filter(({ use }) => use === 'product');
  expect(products).toMatchObject([{ stored: 'F32', bits: 4, block: 32, exact: false, matrices: 8 }]);
  expect(products[0]!.relativeError).toBeGreaterThan(0.05);
  expect(products[0]!.relativeError).toBeLessThan(0.12);
  const [lookup] = model.weights.carried.filter(({ use }) => use === 'lookup');
  expect(lookup!.relativeError).toBeLessThan(0.008);
  // found in the cache, it says the same
  const again = await backend.open(folder, { dtype: 'int4' });
  expect(again.weights).toEqual(model.weights);
  await model.dispose();
  await again.dispose();
});

test.each(['fp16', 'q4'])('dtype %s is refused with what there is', async (dtype) => {
  await expect(backend.open(folder, { dtype: dtype as 'auto' })).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringMatching(/auto, fp32, int8, int4.*(fp16|q4)/s),
  });
});
