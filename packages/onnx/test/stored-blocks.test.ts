import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint, type TensorType } from '@judge-decoding/checkpoint';
import { ggufBytes, makeTinyCheckpoint, tinyGgufParts } from '@judge-decoding/checkpoint/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { lookupForm, matrixCodes } from '../src/matrix-forms.ts';
import { RoundingError } from '../src/requantise.ts';
import { STORED_BLOCKS } from '../src/stored-blocks.ts';
import { GGUF_TYPES, randomBlocks } from '../src/testing/index.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-blocks-'));
const folder = join(root, 'model');
beforeAll(async () => {
  await makeTinyCheckpoint(folder, { hiddenSize: 256, layers: 1, intermediateSize: 512 });
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('every block type that a checkpoint may have is known', () => {
  expect(Object.keys(STORED_BLOCKS).sort()).toEqual(Object.keys(GGUF_TYPES).sort());
});

test.each(Object.keys(GGUF_TYPES) as TensorType[])(
  'codes, scales and offsets say what %s says',
  async (type) => {
    const path = join(root, `${type}.gguf`);
    const parts = await tinyGgufParts(folder);
    const tensors = parts.tensors.map((tensor) =>
      tensor.shape.length < 2 ? tensor : { ...tensor, ...randomBlocks(type, tensor.shape) },
    );
    await writeFile(path, ggufBytes({ ...parts, tensors }));
    const checkpoint = await openCheckpoint(path);
    const form = lookupForm(type, 256)!;
    expect(form.exact).toBe(true);
    // q is rotary: its rows come in another order than they are stored
    for (const name of ['model.layers.0.self_attn.q_proj.weight', 'model.layers.0.mlp.down_proj.weight']) {
      const [rows, columns] = checkpoint.tensors.info(name).shape as [number, number];
      const expected = await checkpoint.tensors.read(name);
      const error = new RoundingError();
      let at = 0;
      for await (const { codes, scales, offsets } of matrixCodes(
        checkpoint.tensors,
        { name, rows, columns, form },
        error,
      )) {
        let [least, most] = [0, 0];
        for (const [index, code] of codes.entries()) {
          const block = Math.floor(index / form.block);
          const value = scales[block]! * code + (form.offsets ? offsets[block]! : 0);
          const wanted = expected[at++]!;
          const room = form.offsets ? 2e-7 * (Math.abs(offsets[block]!) + Math.abs(wanted)) : 0;
          if (!(Math.abs(value - wanted) <= room))
            expect.fail(`${name}[${at - 1}] is ${value}, not ${wanted}`);
          least = Math.min(least, code);
          most = Math.max(most, code);
        }
        expect(
          [least, most].every((code) => code >= -(2 ** (form.bits - 1)) && code < 2 ** (form.bits - 1)),
        ).toBe(true);
      }
      expect(at).toBe(expected.length);
      expect(error.relative).toBe(0);
    }
    await checkpoint.dispose();
  },
);
