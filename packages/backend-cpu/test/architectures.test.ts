import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import {
  makeTinyCheckpoint,
  makeTinyGguf,
  type TinyCheckpointOptions,
} from '@judge-decoding/checkpoint/testing';
import { afterAll, expect, test } from 'vitest';
import { cpuBackend } from '../src/index.ts';
import { referenceForward } from './reference-forward.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-architectures-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const prompt = Array.from({ length: 40 }, (_, index) => (index * 37 + 11) % 200);

const models: Record<string, { model: TinyCheckpointOptions; qwen2?: true }> = {
  'Qwen2, biases on q, k and v': { model: { attentionBias: true }, qwen2: true },
  'Qwen2, tied embeddings': { model: { attentionBias: true, tiedEmbeddings: true }, qwen2: true },
  'rope scaled linearly': { model: { ropeScaling: { type: 'linear', factor: 4 } } },
  'rope scaled as in Llama 3': {
    model: {
      ropeTheta: 500,
      ropeScaling: {
        type: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContextLength: 64,
      },
    },
  },
};

test.each(Object.entries(models))(
  '%s: the graph says what the reference says',
  async (name, { model, qwen2 }) => {
    let location = join(root, name.replaceAll(/\W+/g, '-'));
    await makeTinyCheckpoint(location, model);
    if (qwen2) {
      await makeTinyGguf(location, `${location}.gguf`, { architecture: 'qwen2' });
      location = `${location}.gguf`;
    }
    const checkpoint = await openCheckpoint(location);
    if (qwen2) expect(checkpoint.config.attentionBias).toMatchObject({ query: true, output: false });
    const reference = await referenceForward(checkpoint, prompt);
    await checkpoint.dispose();

    const opened = await cpuBackend({ cacheFolder: join(root, 'cache') }).open(location);
    expect(opened.info.dtype).toBe('fp32');
    const session = await opened.openSession();
    const { logits, hidden } = await session.forward(prompt, {
      logits: true,
      hidden: ['pre-norm', 'post-norm'],
    });
    expect(distance(logits, reference.logits)).toBeLessThan(1e-5);
    expect(distance(hidden[0]!, reference.preNorm)).toBeLessThan(1e-5);
    expect(distance(hidden[1]!, reference.postNorm)).toBeLessThan(1e-5);
    await opened.dispose();
  },
);

/** In parts of the length of what is expected. */
function distance(actual: Float32Array, rows: readonly Float64Array[]): number {
  const expected = rows.flatMap((row) => [...row]);
  let [apart, length] = [0, 0];
  for (const [index, value] of expected.entries()) {
    apart += (actual[index]! - value) ** 2;
    length += value * value;
  }
  return Math.sqrt(apart / length);
}
