import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBackend, toleranceFor } from '@judge-decoding/backend-contract';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CudaDtype, cudaBackend, type Engine, estimatedModelBytes, nativeEngine } from '../src/index.ts';
import { engineShape } from '../src/shapes/engine-shape.ts';
import { parseSynthetic } from '../src/shapes/synthetic.ts';

/** The engine where there is a GPU and a built library, else why not. */
const found: { readonly engine?: Engine; readonly why?: string } = await nativeEngine()
  .then(
    async (engine) => ((await engine.deviceCount()) > 0 ? { engine } : { why: 'the driver sees no GPU' }),
    (error: Error) => ({ why: error.message.split('. ')[0]! }),
  )
  .catch((error: Error) => ({ why: error.message.split('. ')[0]! }));
const { engine } = found;

if (engine === undefined) {
  test('the engine on a GPU: not run, there is none here', () => {
    console.log(`backend-cuda on a GPU: not run: ${found.why}.`);
  });
} else {
  const root = await mkdtemp(join(tmpdir(), 'judge-cuda-gpu-'));
  afterAll(() => rm(root, { recursive: true, force: true }));

  const fast = await engine.matrixLibrary().then(
    () => [{ dtype: 'bf16', prefill: 'fast' }] as const,
    (error: Error) => {
      console.log(`backend-cuda, prompts read fast: not run: ${error.message}`);
      return [];
    },
  );
  const exact = (['bf16', 'int8', 'int4', 'fp8'] satisfies CudaDtype[]).map((dtype) => ({
    ...{ dtype, prefill: 'exact' as const },
  }));
  for (const { dtype, prefill } of [...exact, ...fast]) {
    const isFast = prefill === 'fast';
    describeBackend(
      `cuda ${dtype}${isFast ? ', prompts read fast' : ''}`,
      async () => {
        const location = join(root, `${dtype} ${prefill}`);
        const shape = { hiddenSize: 128, attentionHeads: 4, keyValueHeads: 2, dtype: 'bf16' } as const;
        // parts of 256 tokens are read fast: of the contract's texts, the one that fills a session
        const model = isFast ? { ...shape, contextLength: 700 } : shape;
        await makeTinyCheckpoint(location, model);
        const cut = `${location}-cut`;
        await makeTinyCheckpoint(cut, model);
        await truncate(join(cut, 'model.safetensors'), 5000);
        return {
          backend: cudaBackend({ dtype, prefill, prefillChunk: isFast ? 512 : 64 }),
          location,
          device: 'cuda:0',
          // exact passes of any width are the same bits: nothing is excused
          tolerance: toleranceFor(isFast ? 'bf16' : 'fp32'),
          exempt: {},
          malformed: [cut],
          memoryInUse: async () => {
            const { memoryTotal, memoryFree } = await engine.device(0);
            return memoryTotal - memoryFree;
          },
        };
      },
      { describe, test, beforeAll, afterAll },
    );
  }

  test.runIf(fast.length > 0)(
    'a prompt read fast leaves nearly the cache that an exact one leaves',
    async () => {
      const location = join(root, 'prompt');
      const shape = { hiddenSize: 128, attentionHeads: 4, keyValueHeads: 2, dtype: 'bf16' } as const;
      await makeTinyCheckpoint(location, { ...shape, contextLength: 700 });
      const scoresBehind = async (prefill: 'exact' | 'fast') => {
        const model = await cudaBackend({ prefill }).open(location);
        const session = await model.openSession();
        const text = Array.from({ length: 610 }, (_, index) => (index * 37 + 11) % model.info.vocabSize);
        await session.forward(text.slice(0, 600), {});
        const { logits } = await session.forward(text.slice(600), { logits: true });
        await model.dispose();
        return logits!;
      };
      const [exactly, fastly] = [await scoresBehind('exact'), await scoresBehind('fast')];
      const size = Math.hypot(...exactly);
      const apart = Math.hypot(...exactly.map((score, index) => score - fastly[index]!));
      expect(apart).toBeGreaterThan(0);
      expect(apart / size).toBeLessThan(2e-2);
    },
  );

  test('what is estimated without a library is what the library says, but for tiles and scratch', () => {
    for (const name of ['llama-3.1-8b', 'llama-3.1-70b', 'qwen2.5-1.5b']) {
      for (const heldAs of ['bf16', 'int8', 'fp8', 'int4'] as const) {
        const shape = engineShape(parseSynthetic(name).config, { device: 0, heldAs, context: 4096 });
        const ratio = engine.modelBytes(shape) / estimatedModelBytes(shape);
        expect(ratio, `${name} ${heldAs}`).toBeGreaterThan(0.99);
        expect(ratio, `${name} ${heldAs}`).toBeLessThan(1.15);
      }
    }
  });
}
