import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTinyCheckpoint, makeTinyGguf } from '@judge-decoding/checkpoint/testing';
import { complete, draftSession } from '@judge-decoding/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cudaBackend } from '../src/index.ts';
import { compiler, NO_COMPILER, openStandIn, type StandIn } from './stand-in.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-cuda-faults-'));
afterAll(() => rm(root, { recursive: true, force: true }));

const SMALL = 'synthetic:random:hidden=64,layers=2,heads=2,kv=1,headDim=32,ff=96,rows=256';

describe.skipIf(compiler === undefined)('what can go wrong', () => {
  let standIn: StandIn;
  const used = async () => {
    const { memoryTotal, memoryFree } = await standIn.engine.device(0);
    return memoryTotal - memoryFree;
  };
  const open = (location: string, options: object = {}) =>
    cudaBackend({ engine: standIn.engine }).open(location, options);

  beforeAll(async () => {
    standIn = await openStandIn();
  });

  test('a hundred models opened, used and disposed leave the device’s memory as it was', async () => {
    const before = await used();
    for (let cycle = 0; cycle < 100; cycle++) {
      const model = await open(SMALL, { contextLength: 64 });
      const [target, draft] = [await model.openSession(), await model.openSession()];
      await complete({
        model: model.info,
        target,
        draft: draftSession(model, draft),
        prompt: [1, 2, 3],
        maxTokens: 6,
      });
      // every second one leaves its sessions to the model
      if (cycle % 2 === 0) await Promise.all([target.dispose(), draft.dispose()]);
      await model.dispose();
    }
    expect(await used()).toBe(before);
  });

  test('what does not fit is refused before anything is allocated, with what would fit', async () => {
    standIn.set('memory', 400_000);
    const before = await used();
    try {
      await expect(open(SMALL, { contextLength: 4096 })).rejects.toMatchObject({
        code: 'device',
        message: expect.stringMatching(
          /as bf16 and a session of 4096 tokens.*What would fit: a context of \d+ tokens/,
        ),
      });
      await expect(open('synthetic:llama-3.1-8b:int8')).rejects.toMatchObject({
        code: 'device',
        message: expect.stringContaining('No type of weights fits'),
      });
      await expect(
        open(SMALL.replace('hidden=64', 'hidden=256'), { contextLength: 4 }),
      ).rejects.toMatchObject({ code: 'device', message: expect.stringMatching(/the weights as int4/) });
      // nobody asked for a length: as many tokens as there is room for
      const model = await open(SMALL);
      expect(model.info.contextLength).toBeGreaterThan(256);
      expect(model.info.contextLength).toBeLessThan(4096);
      await (await model.openSession()).forward([1, 2], { argmax: true });
      await model.dispose();
      expect(await used()).toBe(before);
    } finally {
      standIn.set('memory', 2 ** 30);
    }
  });

  test('a session for which no memory is left is refused; those that are open go on', async () => {
    const model = await open(SMALL, { contextLength: 128 });
    const first = await model.openSession();
    standIn.set('memory', await used());
    try {
      await expect(model.openSession()).rejects.toMatchObject({
        code: 'device',
        message: expect.stringContaining('are free'),
      });
      expect((await first.forward([1, 2, 3], { argmax: true })).argmax.length).toBe(3);
    } finally {
      standIn.set('memory', 2 ** 30);
      await model.dispose();
    }
  });

  test('a lost device: the pass is refused, the session is as before, later work is refused, too', async () => {
    const own = await openStandIn();
    const model = await cudaBackend({ engine: own.engine }).open(SMALL);
    const session = await model.openSession();
    await session.forward([1, 2, 3], {});
    own.set('failForward', 0);
    await expect(session.forward([4], { argmax: true })).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('open them again'),
    });
    expect(session.length).toBe(3);
    await expect(session.propose([4], { count: 3 })).rejects.toMatchObject({ code: 'device' });
    await expect(model.openSession()).rejects.toMatchObject({ code: 'device' });
    await model.dispose();
    const { memoryTotal, memoryFree } = await own.engine.device(0);
    expect(memoryTotal - memoryFree).toBe(0);
  });

  test('a device that is lost while several steps run at once: the step is refused, the session is as before', async () => {
    const own = await openStandIn();
    const model = await cudaBackend({ engine: own.engine }).open(SMALL);
    const session = await model.openSession();
    let token = 1;
    const step = async () => {
      token = (await session.forward([token], { argmax: true })).argmax[0]!;
    };
    // one, then two in a call; the next call is of four
    for (let steps = 0; steps < 3; steps++) await step();
    own.set('failForward', 0);
    await expect(step()).rejects.toMatchObject({ code: 'device', message: expect.stringContaining('draft') });
    expect(session.length).toBe(3);
    await expect(step()).rejects.toMatchObject({ code: 'device' });
    await model.dispose();
  });

  test('disposing a model ends what it is doing; the event loop was free meanwhile', async () => {
    const model = await open(SMALL, { contextLength: 2048 });
    const session = await model.openSession();
    standIn.set('rowMicroseconds', 50_000);
    try {
      let ticks = 0;
      const timer = setInterval(() => ticks++, 5);
      const running = session.forward(new Array(2000).fill(1), {});
      const outcome = expect(running).rejects.toMatchObject({ code: 'aborted' });
      await expect.poll(() => ticks).toBeGreaterThan(5);
      clearInterval(timer);
      const from = performance.now();
      await model.dispose();
      await outcome;
      // 2000 rows would have taken a hundred seconds
      expect(performance.now() - from).toBeLessThan(50_000);
      await expect(session.forward([1], {})).rejects.toMatchObject({ code: 'disposed' });
    } finally {
      standIn.set('rowMicroseconds', 0);
    }
  });

  test('no GPU, no driver, a device that is not there', async () => {
    standIn.set('devices', 0);
    await expect(open(SMALL)).rejects.toMatchObject({
      code: 'device',
      message: expect.stringMatching(/nvidia-smi/),
    });
    standIn.set('devices', -1);
    await expect(open(SMALL)).rejects.toMatchObject({
      code: 'device',
      message: expect.stringMatching(/driver.*--backend cpu/i),
    });
    standIn.set('devices', 2);
    await expect(open(SMALL, { device: 'cuda:5' })).rejects.toMatchObject({
      message: expect.stringMatching(/cuda:0 to cuda:1/),
    });
    standIn.set('devices', 1);
    await expect(open(SMALL, { device: 'gpu' })).rejects.toMatchObject({ code: 'invalid-option' });
  });

  test('opening is given up between tensors, and leaves nothing behind', async () => {
    const folder = join(root, 'given-up');
    await makeTinyCheckpoint(folder, { dtype: 'bf16' });
    const before = await used();
    const given = new AbortController();
    let told = 0;
    const onProgress = () => {
      if (++told === 3) given.abort();
    };
    await expect(open(folder, { signal: given.signal, onProgress })).rejects.toMatchObject({
      code: 'aborted',
    });
    expect(told).toBe(3);
    expect(await used()).toBe(before);
    await expect(open(SMALL, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
    expect(await used()).toBe(before);
  });

  test('a file that is cut or changed in the middle is refused, and leaves nothing behind', async () => {
    const folder = join(root, 'cut');
    await makeTinyCheckpoint(folder, { dtype: 'bf16' });
    const before = await used();
    const weights = join(folder, 'model.safetensors');
    const whole = await readFile(weights);
    for (const length of [0, 7, 100, whole.length >> 1, whole.length - 1]) {
      await writeFile(weights, whole);
      await truncate(weights, length);
      await expect(open(folder)).rejects.toMatchObject({ code: 'invalid-file' });
    }
    expect(await used()).toBe(before);
    expect(await readdir(folder)).toContain('config.json');
  });

  test('sixteen bits stay the sixteen bits they are: others are refused by name, fewer are run where asked', async () => {
    const folder = join(root, 'half');
    await makeTinyCheckpoint(folder, { dtype: 'fp16' });
    await expect(open(folder, { dtype: 'bf16' })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/float16.*--dtype fp16/),
    });
    for (const [options, held] of [
      [{}, 'fp16'],
      [{ dtype: 'int8' }, 'int8'],
    ] as const) {
      const model = await open(folder, options);
      expect(model.info.dtype).toBe(held);
      expect(model.weights.carried.find(({ use }) => use === 'lookup')).toMatchObject({
        heldAs: 'fp16',
        exact: true,
      });
      await model.dispose();
    }
    const other = join(root, 'other-half');
    await makeTinyCheckpoint(other, { dtype: 'bf16' });
    await expect(open(other, { dtype: 'fp16' })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringMatching(/bfloat16.*range/),
    });
  });

  test('blocks of a GGUF file are held as they are, and rounded where other types are asked for', async () => {
    const folder = join(root, 'blocks');
    await makeTinyCheckpoint(folder, { hiddenSize: 64 });
    for (const [type, held] of [
      ['Q8_0', 'q8_0'],
      ['Q4_0', 'q4_0'],
    ] as const) {
      const file = join(root, `${type}.gguf`);
      await makeTinyGguf(folder, file, { type });
      const model = await open(file);
      expect(model.info.dtype).toBe(held);
      expect(model.weights.carried.every(({ exact }) => exact)).toBe(true);
      await model.dispose();
    }
    const rounded = await open(join(root, 'Q8_0.gguf'), { dtype: 'q4_0' });
    await rounded.dispose();
    const layers = rounded.weights.carried.find(({ use }) => use === 'layer')!;
    expect(layers).toMatchObject({ stored: 'Q8_0', heldAs: 'q4_0', exact: false });
    expect(layers.relativeError).toBeGreaterThan(0.03);
    expect(layers.relativeError).toBeLessThan(0.15);
  });

  test('what became of the weights is told, with what rounding cost', async () => {
    const folder = join(root, 'told');
    await makeTinyCheckpoint(folder, { dtype: 'bf16', hiddenSize: 64, tiedEmbeddings: true });
    const file = join(root, 'told.gguf');
    await makeTinyGguf(folder, file, { type: 'Q8_0' });
    const carried = async (location: string, dtype?: string) => {
      const model = await open(location, dtype === undefined ? {} : { dtype });
      await model.dispose();
      return model.weights.carried;
    };
    expect((await carried(folder)).every(({ exact, relativeError }) => exact && relativeError === 0)).toBe(
      true,
    );
    const int4 = await carried(folder, 'int4');
    expect(int4.map(({ use, heldAs }) => `${use} ${heldAs}`).sort()).toEqual([
      'layer int4',
      'lookup bf16',
      'output int8',
    ]);
    const layers = int4.find(({ use }) => use === 'layer')!;
    expect(layers.relativeError).toBeGreaterThan(0.03);
    expect(layers.relativeError).toBeLessThan(0.2);
    const blocks = (await carried(file, 'int8')).find(({ use }) => use === 'layer')!;
    expect(blocks).toMatchObject({ stored: 'Q8_0', heldAs: 'int8', exact: false });
    expect(blocks.relativeError).toBeLessThan(0.02);
  });

  test('more likely tokens than the device picks are picked on the host, with the same numbers', async () => {
    const model = await open(SMALL);
    const session = await model.openSession();
    const { top: many } = await session.forward([1, 2, 3, 4], { top: 200 });
    session.truncate(0);
    const { top: few } = await session.forward([1, 2, 3, 4], { top: 64 });
    for (let row = 0; row < 4; row++) {
      expect(many.ids.slice(row * 200, row * 200 + 64)).toEqual(few.ids.slice(row * 64, (row + 1) * 64));
      expect(new Set(many.ids.slice(row * 200, (row + 1) * 200)).size).toBe(200);
    }
    expect(many.logSumExp).toEqual(few.logSumExp);
    await model.dispose();
  });
});

if (compiler === undefined) test(`faults: ${NO_COMPILER}`, () => console.log(`faults: ${NO_COMPILER}`));
