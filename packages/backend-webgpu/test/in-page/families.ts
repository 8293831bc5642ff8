import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { GPU_MODEL } from './gpu-model.ts';
import type { InPage } from './in-page.ts';

/** Tiny random models with what transformers computes: tools/family-goldens. */
const fixtures = join(import.meta.dirname, '../../../backend-cpu/test/fixtures/families');

const FAMILIES = ['qwen3', 'smollm3', 'gemma3', 'mistral', 'qwen2'] as const;

export const familyTests = (on: InPage) =>
  describe('families of models', () => {
    const { root } = on;

    beforeAll(async () => {
      for (const family of FAMILIES) {
        await cp(join(fixtures, family), join(root, family), { recursive: true });
        await cp(join(fixtures, 'tokenizer.json'), join(root, family, 'tokenizer.json'));
      }
    });

    // heads of four numbers, which most have here, are nothing that ONNX Runtime's attention on a GPU takes
    test.each([...FAMILIES.map((family) => ['wasm', family] as const), ['webgpu', 'gemma3'] as const])(
      'on %s %s has the favourites of transformers',
      async (device, family) => {
        const golden = JSON.parse(await readFile(join(fixtures, family, 'golden.json'), 'utf8')) as {
          readonly prompt: number[];
          readonly argmax: number[];
        };
        const { argmax } = await on.opened.call(
          'favourites',
          device,
          `/models/${family}`,
          golden.prompt,
          // a worker of each would start the runtime anew
          device === 'wasm' ? 'calling' : 'own',
        );
        expect(argmax).toEqual(golden.argmax);
      },
    );

    test('on webgpu layers with a window, whose heads turn in the operator of attention, have the processor’s favourites', async () => {
      const folder = join(root, 'windows');
      await makeTinyCheckpoint(folder, { ...GPU_MODEL, layers: 2, attentionBias: false });
      const file = join(folder, 'config.json');
      const config = JSON.parse(await readFile(file, 'utf8')) as object;
      const mistral = { architectures: ['MistralForCausalLM'], model_type: 'mistral', sliding_window: 7 };
      await writeFile(file, JSON.stringify({ ...config, ...mistral }));
      const text = Array.from({ length: 30 }, (_, index) => (index * 37 + 11) % 300);
      const model = await cpuBackend({ cacheFolder: join(root, 'cache') }).open(folder);
      const { argmax: right } = await (await model.openSession()).forward(text, { argmax: true });
      await model.dispose();
      const { argmax } = await on.opened.call('favourites', 'webgpu', '/models/windows', text);
      expect(argmax).toEqual([...right]);
    });

    test('on webgpu log-probabilities of logits far above 88 are those of the processor', async () => {
      const folder = join(root, 'loud');
      await makeTinyCheckpoint(folder, { ...GPU_MODEL, attentionBias: false });
      await amplify(join(folder, 'model.safetensors'), 'model.norm.weight', 100);
      const text = [3, 40, 77, 114, 151, 188, 225, 262];
      const model = await cpuBackend({ cacheFolder: join(root, 'cache') }).open(folder);
      const session = await model.openSession();
      const { chosen: right, logits } = await session.forward(text, { chosen: true, logits: true });
      await model.dispose();
      // exp of this is no float32 any more
      expect(Math.max(...logits)).toBeGreaterThan(89);
      const chosen = await on.opened.call('chosen', 'webgpu', '/models/loud', text);
      for (const [row, value] of chosen.entries()) expect(value).toBeCloseTo(right[row]!, 2);
    });
  });

/** Multiplies one float32 tensor of a safetensors file. */
async function amplify(file: string, name: string, by: number): Promise<void> {
  const bytes = await readFile(file);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerLength)) as Record<
    string,
    { readonly dtype: string; readonly data_offsets: readonly [number, number] }
  >;
  const { dtype, data_offsets } = header[name]!;
  expect(dtype).toBe('F32');
  for (let at = data_offsets[0]; at < data_offsets[1]; at += 4) {
    const place = 8 + headerLength + at;
    bytes.writeFloatLE(bytes.readFloatLE(place) * by, place);
  }
  await writeFile(file, bytes);
}
