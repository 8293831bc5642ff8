import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBackend, type Golden, toleranceFor } from '@judge-decoding/backend-contract';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import {
  makeTinyCheckpoint,
  makeTinyGguf,
  type TinyCheckpointOptions,
} from '@judge-decoding/checkpoint/testing';
import type { HeadTerm } from '@judge-decoding/core';
import { roundedTensors } from '@judge-decoding/onnx/testing';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { type CpuOptions, cpuBackend } from '../src/index.ts';
import { referenceForward } from './reference-forward.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-cpu-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const shapes: Record<string, TinyCheckpointOptions> = {
  'one query head for each key-value head': { attentionHeads: 4, keyValueHeads: 4 },
  'query heads in groups, head size 8': { attentionHeads: 8, keyValueHeads: 2, hiddenSize: 64 },
  'one key-value head, tied embeddings, biases': {
    keyValueHeads: 1,
    tiedEmbeddings: true,
    attentionBias: true,
    layers: 1,
  },
};

for (const [name, options] of Object.entries(shapes)) {
  describeBackend(
    `cpu fp32, ${name}`,
    async () => {
      const location = join(root, name.replaceAll(/\W+/g, '-'));
      await makeTinyCheckpoint(location, options);
      const cut = `${location}-cut`;
      await makeTinyCheckpoint(cut, options);
      await truncate(join(cut, 'model.safetensors'), 5000);
      const garbled = `${location}-garbled`;
      await makeTinyCheckpoint(garbled, options);
      await writeFile(join(garbled, 'config.json'), '{ "architectures": [');
      return {
        backend: cpuBackend({ cacheFolder: join(root, 'cache'), prefillChunk: 32 }),
        location,
        device: 'cpu',
        tolerance: toleranceFor('fp32'),
        exempt: {},
        malformed: [cut, garbled],
        golden: await goldenOf(location),
      };
    },
    { describe, test, beforeAll, afterAll },
  );
}

interface Quantised {
  readonly model: TinyCheckpointOptions;
  readonly gguf?: true;
  readonly options: CpuOptions;
}

const LONG = { hiddenSize: 128, attentionHeads: 2, keyValueHeads: 1, layers: 1, contextLength: 160 };

/** Quantised models: their text may leave the reference's at any near tie, their numbers not far. */
const quantised: Record<string, Quantised> = {
  'int8, a folder': { model: { attentionBias: true }, options: { dtype: 'int8' } },
  'int8, a Q8_0 file': { model: { hiddenSize: 64 }, gguf: true, options: {} },
  'int4, a folder': { model: { hiddenSize: 64 }, options: { dtype: 'int4' } },
  'int4, widths that blocks do not divide': {
    model: { hiddenSize: 48, headDim: 12, intermediateSize: 84, layers: 1 },
    options: { dtype: 'int4' },
  },
  // heads wide and passes long enough for ONNX Runtime to add up in several blocks
  ...(process.arch === 'x64' && {
    'int8, exact': { model: LONG, options: { dtype: 'int8', exact: 'quantised', prefillChunk: 128 } },
    'int4, exact': {
      model: LONG,
      options: { dtype: 'int4', exact: true, prefillChunk: 128 },
    },
  }),
};

for (const [name, { model, gguf, options }] of Object.entries(quantised)) {
  describeBackend(
    `cpu ${name}`,
    async () => {
      const folder = join(root, name.replaceAll(/\W+/g, '-'));
      await makeTinyCheckpoint(folder, model);
      const location = gguf ? `${folder}.gguf` : folder;
      if (gguf) await makeTinyGguf(folder, location, { type: 'Q8_0' });
      const malformed = `${folder}-cut`;
      await makeTinyCheckpoint(malformed, model);
      await truncate(join(malformed, 'model.safetensors'), 5000);
      const { text: _, ...golden } = await goldenOf(location, name.startsWith('int4') ? 4 : 8);
      return {
        backend: cpuBackend({ cacheFolder: join(root, 'cache'), prefillChunk: 32, ...options }),
        location,
        device: 'cpu',
        // the reference has the rounded weights: int4 may be no further from it than int8
        tolerance: { ...toleranceFor(name.slice(0, 4)), golden: toleranceFor('int8').golden },
        exempt: {},
        malformed: [malformed],
        golden,
      };
    },
    { describe, test, beforeAll, afterAll },
  );
}

/** What the float64 reference says about the weights, or about what rounding leaves of them. */
async function goldenOf(location: string, bits?: 4 | 8): Promise<Golden> {
  const opened = await openCheckpoint(location);
  const checkpoint =
    bits === undefined ? opened : { ...opened, tensors: roundedTensors(opened.tensors, bits) };
  const { hiddenSize } = checkpoint.config;
  const prompt = Array.from({ length: 12 }, (_, index) => (index * 37 + 11) % checkpoint.config.tokenCount);
  const rows = await referenceForward(checkpoint, prompt);
  const terms: HeadTerm[] = (['pre-norm', 'post-norm'] as const).map((state, term) => ({
    layer: 'last',
    state,
    row: 'own',
    weights: Float32Array.from({ length: hiddenSize }, (_, index) => Math.sin(index * (term + 1))),
  }));
  const dots = prompt.flatMap((_, row) =>
    terms.map(({ state, weights }) => {
      const hidden = (state === 'pre-norm' ? rows.preNorm : rows.postNorm)[row]!;
      return weights.reduce((sum, weight, index) => sum + weight * hidden[index]!, 0);
    }),
  );
  const text: number[] = [];
  for (let count = 0; count < 12; count++) {
    const { logits } = await referenceForward(checkpoint, [...prompt, ...text]);
    const row = logits.at(-1)!;
    text.push(row.indexOf(Math.max(...row)));
  }
  await checkpoint.dispose();
  return {
    prompt,
    logits: Float32Array.from(rows.logits.flatMap((row) => [...row])),
    preNorm: Float32Array.from(rows.preNorm.flatMap((row) => [...row])),
    text,
    judge: { terms, dots: Float32Array.from(dots) },
  };
}
