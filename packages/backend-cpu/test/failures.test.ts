import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { JudgeDecodingError, type Model } from '@judge-decoding/core';
import type { Opened } from '@judge-decoding/ort-session/served';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cpuBackend } from '../src/index.ts';
import { cpuModel } from '../src/model.ts';
import type { CpuDetails } from '../src/protocol.ts';
import { WorkerLine } from '../src/worker-line.ts';
import { openInProcess } from './opener-process.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-failures-'));
const location = join(root, 'model');
beforeAll(async () => {
  await makeTinyCheckpoint(location);
});
afterAll(() => rm(root, { recursive: true, force: true }));

const failure = async (work: Promise<unknown>): Promise<JudgeDecodingError> => {
  const outcome = await work.then(
    () => 'no error',
    (error: unknown) => error,
  );
  if (!JudgeDecodingError.is(outcome)) throw new Error(`Expected a JudgeDecodingError, got ${outcome}`);
  return outcome;
};

test('a process that does nothing else hears what went wrong', () => {
  const { status, stderr } = openInProcess([join(root, 'nowhere'), join(root, 'cache')]);
  // 13 would be a process that ended while it still waited
  expect(status, stderr).toBe(1);
  expect(stderr).toContain('JudgeDecodingError');
});

test.each([
  { file: 'config.json', length: undefined },
  { file: 'model.safetensors', length: undefined },
  { file: 'config.json', length: 10 },
  { file: 'model.safetensors', length: 3 },
  { file: 'model.safetensors', length: 5000 },
])('a model whose $file is cut to $length bytes is refused by name', async ({ file, length }) => {
  const damaged = await mkdtemp(join(root, 'damaged-'));
  await makeTinyCheckpoint(damaged);
  if (length === undefined) await rm(join(damaged, file));
  else await truncate(join(damaged, file), length);
  const error = await failure(cpuBackend({ cacheFolder: join(root, 'cache') }).open(damaged));
  expect(['not-found', 'invalid-file']).toContain(error.code);
  expect(error.message).toContain(damaged);
});

test('a cache folder that cannot be written is an error that names it and says what to do', async () => {
  const file = join(root, 'a-file');
  await writeFile(file, '');
  const error = await failure(cpuBackend({ cacheFolder: join(file, 'cache') }).open(location));
  expect(error.code).toBe('io');
  expect(error.message).toContain(file);
  expect(error.message).toContain('JUDGE_CACHE');
});

test('what goes wrong in the worker crosses with its code and its sentence', async () => {
  const folder = await mkdtemp(join(root, 'worker-'));
  await makeTinyCheckpoint(folder);
  await writeFile(join(folder, 'tokenizer.json'), '{');
  const error = await failure(cpuBackend({ cacheFolder: join(root, 'cache') }).open(folder));
  expect(error.code).toBe('invalid-file');
  expect(error.message).toContain(folder);
  expect(error.stack).toContain('JudgeDecodingError');
});

test('a graph whose bytes were changed is written again', async () => {
  const cacheFolder = join(root, 'damaged-cache');
  const backend = cpuBackend({ cacheFolder });
  await (await backend.open(location)).dispose();
  const [entry] = await readdir(join(cacheFolder, 'graphs'));
  const graph = join(cacheFolder, 'graphs', entry!, 'decoder.onnx');
  const bytes = await readFile(graph);
  await writeFile(graph, Buffer.alloc(bytes.length, 0xff));
  await (await backend.open(location)).dispose();
  expect((await readFile(graph)).equals(bytes)).toBe(true);
});

test('a graph that is cut short in the cache is written again', async () => {
  const cacheFolder = join(root, 'cut-cache');
  const backend = cpuBackend({ cacheFolder });
  await (await backend.open(location)).dispose();
  const [entry] = await readdir(join(cacheFolder, 'graphs'));
  await truncate(join(cacheFolder, 'graphs', entry!, 'weights.bin'), 100);
  const model = await backend.open(location);
  const session = await model.openSession();
  expect((await session.forward([1, 2, 3], { argmax: true })).argmax).toHaveLength(3);
  await model.dispose();
  expect(await readdir(join(cacheFolder, 'graphs'))).toEqual([entry]);
});

test('open calls are refused when the worker ends, and so are later ones', async () => {
  const line = new WorkerLine();
  const opened = await line.ask({
    kind: 'open',
    options: { location, cacheFolder: join(root, 'cache') },
  });
  const model: Model = cpuModel(opened as Opened<CpuDetails>, line);
  const session = await model.openSession();
  const open = failure(session.propose([1, 2, 3], { count: 250 }));
  await line.kill();
  expect((await open).code).toBe('device');
  expect((await failure(session.forward([1], {}))).code).toBe('device');
  await session.dispose();
  await model.dispose();
});

// the built package, as users get it; its steps are long enough to be met in one that is read ahead
test.each([
  { disposes: 'after dispose', last: 'await model.dispose();' },
  { disposes: 'without dispose', last: '' },
])('a script ends by itself $disposes', async ({ last }) => {
  const larger = join(root, 'larger');
  await makeTinyCheckpoint(larger, { hiddenSize: 384, attentionHeads: 6, keyValueHeads: 6, layers: 6 });
  const script = `
    import { cpuBackend } from ${JSON.stringify(new URL('../dist/index.js', import.meta.url).href)};
    const model = await cpuBackend({ cacheFolder: ${JSON.stringify(join(root, 'cache'))} }).open(${JSON.stringify(larger)});
    const session = await model.openSession();
    const { argmax } = await session.forward([1, 2, 3], { argmax: true });
    for (let step = 0, token = 1; step < 20; step++) token = (await session.forward([token], { argmax: true })).argmax[0];
    console.log(argmax.length);
    ${last}`;
  // where it does not, the test itself runs out of time
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script], {
    timeout: 500_000,
  });
  expect(stdout.trim()).toBe('3');
});
