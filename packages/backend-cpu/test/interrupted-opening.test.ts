import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { afterAll, expect, test } from 'vitest';
import { cpuBackend } from '../src/index.ts';
import { raise, signalFrom, stopFlag } from '../src/stop-flag.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-interrupted-'));
afterAll(() => rm(root, { recursive: true, force: true }));

test('opening that is given up is refused, leaves no half-written graph, and can be asked for again', async () => {
  const location = join(root, 'model');
  await makeTinyCheckpoint(location);
  let cacheFolder = '';
  for (const when of ['at once', 'in the middle']) {
    cacheFolder = join(root, when);
    const controller = new AbortController();
    const abort = () => controller.abort();
    const opening = cpuBackend({ cacheFolder }).open(location, {
      signal: controller.signal,
      ...(when === 'at once' ? {} : { onProgress: abort }),
    });
    if (when === 'at once') setImmediate(abort);
    await expect(opening).rejects.toMatchObject({ code: 'aborted' });
    const halves = async () =>
      (await readdir(join(cacheFolder, 'graphs')).catch(() => [])).filter((name) => name.endsWith('.tmp'));
    await expect.poll(halves).toEqual([]);
  }
  const model = await cpuBackend({ cacheFolder }).open(location, { signal: new AbortController().signal });
  expect(model.info.layers).toBeGreaterThan(0);
  await model.dispose();
});

test('a signal that has been given already opens nothing', async () => {
  const opening = cpuBackend().open(join(root, 'nowhere'), { signal: AbortSignal.abort() });
  await expect(opening).rejects.toMatchObject({ code: 'aborted' });
});

test('a raised flag is seen through the memory it shares', () => {
  const flag = stopFlag();
  const elsewhere = signalFrom(new Int32Array(flag.buffer));
  expect(elsewhere?.aborted).toBe(false);
  raise(flag);
  expect(elsewhere?.aborted).toBe(true);
});
