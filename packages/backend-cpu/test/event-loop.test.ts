import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { expect, test } from 'vitest';
import { cpuBackend } from '../src/index.ts';

test('timers run on while a long prompt is read', async () => {
  const root = await mkdtemp(join(tmpdir(), 'judge-loop-'));
  try {
    const location = join(root, 'model');
    await makeTinyCheckpoint(location, {
      hiddenSize: 256,
      attentionHeads: 4,
      keyValueHeads: 4,
      layers: 4,
      contextLength: 2048,
    });
    const model = await cpuBackend({ cacheFolder: join(root, 'cache'), threads: 1 }).open(location);
    const session = await model.openSession();
    const prompt = Array.from({ length: 2000 }, (_, index) => index % model.info.vocabSize);

    let ticks = 0;
    let longest = 0;
    let last = performance.now();
    const timer = setInterval(() => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      ticks += 1;
    }, 2);
    const start = performance.now();
    await session.forward(prompt, { argmax: true });
    const took = performance.now() - start;
    clearInterval(timer);
    await model.dispose();

    // a blocked loop would tick once or twice, and its longest pause would be the whole prefill
    expect(took).toBeGreaterThan(50);
    expect(ticks).toBeGreaterThan(10);
    expect(longest).toBeLessThan(took / 2);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
