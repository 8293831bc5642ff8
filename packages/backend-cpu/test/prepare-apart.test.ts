import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import { afterAll, expect, test } from 'vitest';
import { prepareApart } from '../src/prepare-apart.ts';
import { prepareModel } from '../src/prepare-model.ts';
import { raise, stopFlag } from '../src/stop-flag.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-prepared-'));
afterAll(() => rm(root, { recursive: true, force: true }));
const location = join(root, 'model');
await makeTinyCheckpoint(location);

test('a thread of its own prepares what the calling one would, and tells of its progress', async () => {
  const progress: GraphProgress[] = [];
  const options = { location, cacheFolder: join(root, 'cache'), exact: true };
  const apart = await prepareApart(options, (step) => progress.push(step));
  expect(apart.graph.found).toBe(false);
  expect(progress.at(-1)?.writtenBytes).toBe(progress.at(-1)?.totalBytes);
  const here = await prepareModel(options, () => {});
  expect(apart).toEqual({ ...here, graph: { ...here.graph, found: false } });
});

test('errors cross with their codes', async () => {
  const missing = prepareApart({ location: join(root, 'nowhere') }, () => {});
  await expect(missing).rejects.toMatchObject({ code: 'not-found' });
  const stop = stopFlag();
  raise(stop);
  const given = prepareApart({ location, cacheFolder: join(root, 'empty'), stop }, () => {});
  await expect(given).rejects.toMatchObject({ code: 'aborted' });
});
