import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBackend, toleranceFor } from '@judge-decoding/backend-contract';
import {
  makeTinyCheckpoint,
  makeTinyGguf,
  type TinyCheckpointOptions,
} from '@judge-decoding/checkpoint/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type CudaOptions, cudaBackend } from '../src/index.ts';
import { compiler, NO_COMPILER, openStandIn } from './stand-in.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-cuda-'));
afterAll(() => rm(root, { recursive: true, force: true }));

interface Case {
  readonly model: TinyCheckpointOptions;
  readonly options: CudaOptions;
  readonly gguf?: 'F32' | 'F16' | 'Q8_0' | 'Q4_0';
}

/** The whole contract over the stand-in library: everything but the GPU. */
const cases: Readonly<Record<string, Case>> = {
  'bf16, query heads in groups': { model: { dtype: 'bf16' }, options: {} },
  'bf16, tied embeddings, biases': {
    model: { dtype: 'bf16', tiedEmbeddings: true, attentionBias: true, keyValueHeads: 1, layers: 1 },
    options: { contextLength: 200 },
  },
  'int8 of a float16 folder': { model: { dtype: 'fp16' }, options: { dtype: 'int8' } },
  'int4, a last group that is cut': { model: { hiddenSize: 192, layers: 1 }, options: { dtype: 'int4' } },
  'fp8 of a float32 folder': { model: {}, options: { dtype: 'fp8' } },
  'int8 of a Q8_0 file': { model: { hiddenSize: 64 }, options: { dtype: 'int8' }, gguf: 'Q8_0' },
  'fp16 of a float16 folder': { model: { dtype: 'fp16', tiedEmbeddings: true }, options: {} },
  'q8_0 of a Q8_0 file': { model: { hiddenSize: 64 }, options: {}, gguf: 'Q8_0' },
  'bf16, prompts read fast': { model: { dtype: 'bf16' }, options: { prefill: 'fast' } },
  'q4_0 of a Q4_0 file': { model: { hiddenSize: 64 }, options: {}, gguf: 'Q4_0' },
};

if (compiler === undefined) {
  test(`contract over the stand-in: ${NO_COMPILER}`, () => console.log(`contract: ${NO_COMPILER}`));
} else {
  for (const [name, { model, options, gguf }] of Object.entries(cases)) {
    describeBackend(
      `cuda, stand-in, ${name}`,
      async () => {
        const { engine } = await openStandIn();
        const folder = join(root, name.replaceAll(/\W+/g, '-'));
        await makeTinyCheckpoint(folder, model);
        const cut = `${folder}-cut`;
        await makeTinyCheckpoint(cut, model);
        await truncate(join(cut, 'model.safetensors'), 5000);
        const garbled = `${folder}-garbled`;
        await makeTinyCheckpoint(garbled, model);
        await writeFile(join(garbled, 'config.json'), '{ "architectures": [');
        const location = gguf === undefined ? folder : `${folder}.gguf`;
        if (gguf !== undefined) await makeTinyGguf(folder, location, { type: gguf });
        return {
          backend: cudaBackend({ engine, prefillChunk: 32, ...options }),
          location,
          device: 'cuda:0',
          // passes of any width are the same bits: nothing is excused
          tolerance: toleranceFor('fp32'),
          exempt: {},
          malformed: [cut, garbled],
          memoryInUse: async () => {
            const { memoryTotal, memoryFree } = await engine.device(0);
            return memoryTotal - memoryFree;
          },
        };
      },
      { describe, test, beforeAll, afterAll },
    );
  }
}
