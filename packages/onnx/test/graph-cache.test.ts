import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint, type TinyCheckpointOptions } from '@judge-decoding/checkpoint/testing';
import { afterAll, expect, test } from 'vitest';
import { cachedDecoder, defaultCacheFolder, type GraphCacheOptions } from '../src/cache.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-onnx-'));
afterAll(() => rm(root, { recursive: true, force: true }));

let made = 0;
const build = async (model: TinyCheckpointOptions, options: GraphCacheOptions) => {
  const folder = join(root, `model-${made++}`);
  await makeTinyCheckpoint(folder, model);
  const checkpoint = await openCheckpoint(folder);
  try {
    return await cachedDecoder(checkpoint, options);
  } finally {
    await checkpoint.dispose();
  }
};

test('a graph is written once, and found by the next who asks', async () => {
  const cacheFolder = join(root, 'once');
  const progress: number[] = [];
  let total = 0;
  const onProgress: GraphCacheOptions['onProgress'] = ({ writtenBytes, totalBytes }) => {
    progress.push(writtenBytes);
    total = totalBytes;
  };
  const first = await build({}, { cacheFolder, onProgress });
  const second = await build({}, { cacheFolder, onProgress: () => expect.unreachable() });
  expect([first.found, second.found]).toEqual([false, true]);
  expect(second.graphFile).toBe(first.graphFile);
  expect(progress.at(-1)).toBe(total);
  // tensors begin at multiples of so many bytes
  const { size } = await stat(join(first.graphFile, '..', 'weights.bin'));
  expect([size >= total, size < 1.05 * total]).toEqual([true, true]);
  expect(progress).toEqual([...progress].sort((a, b) => a - b));
});

test('other weights, another shape, context or rotation are other entries', async () => {
  const cacheFolder = join(root, 'entries');
  const entries = [
    await build({}, { cacheFolder }),
    await build({ seed: 2 }, { cacheFolder }),
    await build({ layers: 1 }, { cacheFolder }),
    await build({ ropeTheta: 5000 }, { cacheFolder }),
    await build({}, { cacheFolder, contextLength: 32 }),
  ];
  expect(new Set(entries.map(({ graphFile }) => graphFile)).size).toBe(entries.length);
  expect(entries.at(-1)!.shape.contextLength).toBe(32);
});

test('several who build at a time leave one entry and nothing half-written', async () => {
  const cacheFolder = join(root, 'race');
  const graphs = await Promise.all(Array.from({ length: 4 }, () => build({}, { cacheFolder })));
  expect(new Set(graphs.map(({ graphFile }) => graphFile)).size).toBe(1);
  expect(await readdir(join(cacheFolder, 'graphs'))).toHaveLength(1);
});

test('what a process that died left behind is removed, what is being written is not', async () => {
  const cacheFolder = join(root, 'abandoned');
  for (const name of ['old.tmp', 'new.tmp', 'busy.tmp'])
    await mkdir(join(cacheFolder, 'graphs', name), { recursive: true });
  await writeFile(join(cacheFolder, 'graphs', 'busy.tmp', 'weights.bin'), 'being written');
  for (const name of ['old.tmp', 'busy.tmp']) await utimes(join(cacheFolder, 'graphs', name), 1, 1);
  await build({}, { cacheFolder });
  const left = await readdir(join(cacheFolder, 'graphs'));
  expect(left).toEqual(expect.arrayContaining(['new.tmp', 'busy.tmp']));
  expect(left).not.toContain('old.tmp');
});

test('a graph whose writing fails half way leaves nothing, and is written by the next who asks', async () => {
  const cacheFolder = join(root, 'interrupted');
  const folder = join(root, 'interrupted-model');
  await makeTinyCheckpoint(folder, {});
  const checkpoint = await openCheckpoint(folder);
  const interrupt = () => {
    throw new Error('enough');
  };
  const options = { cacheFolder, dtype: 'int4' } as const;
  await expect(cachedDecoder(checkpoint, { ...options, onProgress: interrupt })).rejects.toThrow('enough');
  expect(await readdir(join(cacheFolder, 'graphs'))).toEqual([]);
  // and one that is given up from outside
  let parts = 0;
  const signal = {
    get aborted() {
      return ++parts > 3;
    },
  };
  await expect(cachedDecoder(checkpoint, { ...options, signal })).rejects.toMatchObject({ code: 'aborted' });
  expect(parts).toBe(4);
  expect(await readdir(join(cacheFolder, 'graphs'))).toEqual([]);
  const { found, dtype } = await cachedDecoder(checkpoint, options);
  expect([found, dtype]).toEqual([false, 'int4']);
  await checkpoint.dispose();
});

test('dtypes are entries of their own, and say again what rounding cost', async () => {
  const cacheFolder = join(root, 'dtypes');
  const [first, other] = [
    await build({}, { cacheFolder, dtype: 'int8' }),
    await build({}, { cacheFolder, dtype: 'int4' }),
  ];
  expect(other.graphFile).not.toBe(first.graphFile);
  const again = await build({}, { cacheFolder, dtype: 'int8' });
  expect(again).toEqual({ ...first, found: true });
  expect(first.weights.carried.map(({ relativeError }) => relativeError > 0)).toEqual([true, true]);
});

test('a context beyond the model is refused with both numbers', async () => {
  await expect(build({ contextLength: 64 }, { contextLength: 65, cacheFolder: root })).rejects.toMatchObject({
    code: 'invalid-option',
    message: expect.stringMatching(/64.*65/),
  });
});

test('ten million parameters are written in under two seconds of processor time', async () => {
  const shape = { hiddenSize: 384, layers: 6, attentionHeads: 6, keyValueHeads: 6, intermediateSize: 1024 };
  const folder = join(root, 'large');
  await makeTinyCheckpoint(folder, { ...shape, contextLength: 1024 });
  const checkpoint = await openCheckpoint(folder);
  await checkpoint.fingerprint();
  const before = process.cpuUsage();
  const { draftGraphFile } = await cachedDecoder(checkpoint, { cacheFolder: join(root, 'large-cache') });
  const { user, system } = process.cpuUsage(before);
  await checkpoint.dispose();
  expect((user + system) / 1e6).toBeLessThan(2);
  // a copy of so many weights would cost more than it saves
  expect(draftGraphFile).toBeUndefined();
});

test.each([
  { platform: 'linux', environment: { JUDGE_CACHE: '/somewhere' }, folder: /^\/somewhere$/ },
  { platform: 'linux', environment: { XDG_CACHE_HOME: '/xdg' }, folder: /^[\\/]xdg[\\/]judge-decoding$/ },
  { platform: 'linux', environment: {}, folder: /\.cache[\\/]judge-decoding$/ },
  { platform: 'darwin', environment: {}, folder: /Library[\\/]Caches[\\/]judge-decoding$/ },
  { platform: 'win32', environment: {}, folder: /AppData[\\/]Local[\\/]judge-decoding[\\/]Cache$/ },
])('the cache folder on $platform with $environment', ({ platform, environment, folder }) => {
  expect(defaultCacheFolder(environment, platform)).toMatch(folder);
});
