import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { describeInBrowser } from '@judge-decoding/browser';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OpenedPage, openPage } from './open-page.ts';

/** Tiny random models with what transformers computes: tools/family-goldens. */
const fixtures = join(import.meta.dirname, '../../backend-cpu/test/fixtures/families');
const root = await mkdtemp(join(tmpdir(), 'judge-families-'));
let opened: OpenedPage;

const FAMILIES = ['qwen3', 'smollm3', 'gemma3', 'mistral', 'qwen2'] as const;

describeInBrowser('families of models in a page', () => {
  beforeAll(async () => {
    for (const family of FAMILIES) {
      await cp(join(fixtures, family), join(root, family), { recursive: true });
      await cp(join(fixtures, 'tokenizer.json'), join(root, family, 'tokenizer.json'));
    }
    opened = await openPage([{ at: '/models/', folder: root }]);
  });
  afterAll(async () => {
    await opened.close();
    await rm(root, { recursive: true, force: true });
  });

  // heads of four numbers, which most have here, are nothing that ONNX Runtime's attention on a GPU takes
  test.each([...FAMILIES.map((family) => ['wasm', family] as const), ['webgpu', 'gemma3'] as const])(
    'on %s %s has the favourites of transformers',
    async (device, family) => {
      const golden = JSON.parse(await readFile(join(fixtures, family, 'golden.json'), 'utf8')) as {
        readonly prompt: number[];
        readonly argmax: number[];
      };
      const { argmax } = await opened.call('favourites', device, `/models/${family}`, golden.prompt);
      expect(argmax).toEqual(golden.argmax);
    },
  );

  test('on webgpu layers with a window, whose heads turn in the operator of attention, have the processor’s favourites', async () => {
    const folder = join(root, 'windows');
    await makeTinyCheckpoint(folder, { hiddenSize: 64, layers: 2, attentionHeads: 4, keyValueHeads: 2 });
    const file = join(folder, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as object;
    const mistral = { architectures: ['MistralForCausalLM'], model_type: 'mistral', sliding_window: 7 };
    await writeFile(file, JSON.stringify({ ...config, ...mistral }));
    const text = Array.from({ length: 30 }, (_, index) => (index * 37 + 11) % 300);
    const model = await cpuBackend({ cacheFolder: join(root, 'cache') }).open(folder);
    const { argmax: right } = await (await model.openSession()).forward(text, { argmax: true });
    await model.dispose();
    const { argmax } = await opened.call('favourites', 'webgpu', '/models/windows', text);
    expect(argmax).toEqual([...right]);
  });
});
