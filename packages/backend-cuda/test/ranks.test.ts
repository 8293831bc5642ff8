import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeBackend, toleranceFor } from '@judge-decoding/backend-contract';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { complete, draftSession } from '@judge-decoding/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cudaBackend, devicesOf, divides } from '../src/index.ts';
import { refuseIndivisible } from '../src/ranks.ts';
import { engineShape } from '../src/shapes/engine-shape.ts';
import { NAMED_SHAPES, namedShape } from '../src/shapes/named-shapes.ts';
import { parseSynthetic } from '../src/shapes/synthetic.ts';
import { compiler, NO_COMPILER, openStandIn, type StandIn } from './stand-in.ts';

test.each([
  ['cuda', undefined, [0]],
  ['cuda:3', undefined, [3]],
  ['cuda', 4, [0, 1, 2, 3]],
  ['cuda:2', 2, [2, 3]],
  ['cuda:0,1', undefined, [0, 1]],
  ['cuda:1,0', 2, [1, 0]],
  ['cuda:0,0', undefined, [0, 0]],
  ['cuda:5', 1, [5]],
])('%s with size %s is %j', (device, size, expected) => {
  expect(devicesOf(device, size)).toEqual(expected);
});

test.each([
  ['cpu', undefined, 'cuda:0,1'],
  ['cuda:', undefined, 'cuda:0,1'],
  ['cuda:0,', undefined, 'cuda:0,1'],
  ['cuda:0;1', undefined, 'cuda:0,1'],
  ['cuda:0,1', 3, 'as many GPUs as ranks'],
  ['cuda:0,0,1', undefined, 'each named once'],
  ['cuda:0,1,2,3,4,5,6,7,8', undefined, 'at most 8'],
  ['cuda', 0, 'an integer from 1 to 8'],
  ['cuda', 9, 'an integer from 1 to 8'],
  ['cuda', 1.5, 'an integer from 1 to 8'],
])('%s with size %s is refused', (device, size, sentence) => {
  expect(() => devicesOf(device, size)).toThrow(sentence);
});

test('what does not divide is refused, with what would', () => {
  const shape = engineShape(namedShape('qwen2.5-1.5b')!, { heldAs: 'bf16', context: 64 });
  expect(() => refuseIndivisible(shape, 8, 'it')).toThrow(
    'it has 12 heads, 2 key-value heads and 8,960 feed-forward columns. Use 1, 2 or 4 of them.',
  );
  const odd = engineShape(namedShape('qwen3-14b')!, { heldAs: 'bf16', context: 64 });
  expect(() => refuseIndivisible(odd, 3, 'it')).toThrow('Use 1, 2, 4 or 8 of them.');
});

const SHAPES: Readonly<Record<string, string>> = {
  'a head each': 'hidden=64,layers=2,heads=4,kv=4,headDim=32,ff=96,rows=700',
  'heads in groups': 'hidden=64,layers=2,heads=8,kv=2,headDim=16,ff=128,rows=300,bias=1',
  'one key-value head on all': 'hidden=64,layers=1,heads=8,kv=1,headDim=16,ff=128,rows=2100,tied=1',
};

describe.skipIf(compiler === undefined)('ranks over the stand-in', () => {
  let standIn: StandIn;
  const used = async (index: number) => {
    const { memoryTotal, memoryFree } = await standIn.engine.device(index);
    return memoryTotal - memoryFree;
  };
  const open = (location: string, options: object = {}) =>
    cudaBackend({ engine: standIn.engine }).open(location, options);

  beforeAll(async () => {
    standIn = await openStandIn();
    standIn.set('devices', 8);
  });

  test('the library divides as it is said here', () => {
    for (const name of NAMED_SHAPES) {
      for (let ranks = 1; ranks <= 8; ranks++) {
        const devices = Array.from({ length: ranks }, (_, rank) => rank);
        const shape = engineShape(namedShape(name)!, { ranks: devices, heldAs: 'int8', context: 64 });
        expect(standIn.engine.modelBytes(shape) > 0, `${name} over ${ranks}`).toBe(divides(shape, ranks));
      }
    }
  });

  test('a part is an equal share of what is cut, and all of what is not', () => {
    const { config } = parseSynthetic('llama-3.1-70b:int8');
    const bytes = (ranks: readonly number[]) =>
      standIn.engine.modelBytes(engineShape(config, { ranks, heldAs: 'int8', context: 64 }));
    // the stand-in counts two bytes an element
    const lookup = 2 * config.vocabSize * config.hiddenSize;
    const norms = 2 * config.hiddenSize * (2 * config.layers + 1);
    const cut = bytes([0]) - lookup - norms;
    for (const ranks of [2, 4, 8]) {
      const part = bytes(Array.from({ length: ranks }, (_, rank) => rank)) - lookup - norms;
      // whole tiles of the vocabulary, and nothing else, keep it from being exact
      expect(part / (cut / ranks)).toBeGreaterThanOrEqual(1);
      expect(part / (cut / ranks)).toBeLessThan(1.001);
    }
  });

  for (const [what, shape] of Object.entries(SHAPES)) {
    test.each([2, 4])(`${what}: %i ranks say what one says`, async (count) => {
      const one = await open(`synthetic:random:${shape}`, { contextLength: 64 });
      const several = await open(`synthetic:random:${shape}`, {
        contextLength: 64,
        tensorParallelSize: count,
      });
      expect(several.info.device).toBe(`cuda:${[0, 1, 2, 3].slice(0, count).join(',')}`);
      const tokens = Array.from({ length: 20 }, (_, i) => (i * 37) % 250);
      const [a, b] = [await one.openSession(), await several.openSession()];
      const [x, y] = [await a.forward(tokens, { logits: true }), await b.forward(tokens, { logits: true })];
      let most = 0;
      for (const [index, value] of x.logits.entries())
        most = Math.max(most, Math.abs(value - y.logits[index]!));
      // partial sums are rounded to bf16 on their way: not the same, and not far
      expect(most).toBeGreaterThan(0);
      expect(most).toBeLessThan(0.1);
      await Promise.all([one.dispose(), several.dispose()]);
    });
  }

  test('each GPU holds its part, and gives it back', async () => {
    const before = await Promise.all([0, 1, 2].map(used));
    const model = await open(`synthetic:random:${SHAPES['heads in groups']}`, {
      contextLength: 64,
      device: 'cuda:1,2',
    });
    const session = await model.openSession();
    const during = await Promise.all([0, 1, 2].map(used));
    expect(during[0]).toBe(before[0]);
    expect(during[1]! - before[1]!).toBe(model.memory.weights + model.memory.session);
    expect(during[2]! - before[2]!).toBe(model.memory.weights + model.memory.session);
    await session.dispose();
    await model.dispose();
    expect(await Promise.all([0, 1, 2].map(used))).toEqual(before);
  });

  test('a target over two and a draft on one write what plain decoding writes', async () => {
    const shape = `synthetic:random:${SHAPES['heads in groups']}`;
    const model = await open(shape, { contextLength: 128, device: 'cuda:0,1' });
    const small = await open(`${shape},seed=2`, { contextLength: 128, device: 'cuda:1' });
    const [target, plain, draft] = [
      await model.openSession(),
      await model.openSession(),
      await small.openSession(),
    ];
    const prompt = [5, 6, 7];
    const drafted = await complete({
      model: model.info,
      target,
      draft: draftSession(small, draft),
      prompt,
      maxTokens: 40,
    });
    const alone = await complete({ model: model.info, target: plain, prompt, maxTokens: 40 });
    expect(drafted.tokens).toEqual(alone.tokens);
    await Promise.all([model.dispose(), small.dispose()]);
  });

  test('what cannot be is refused before anything is allocated', async () => {
    const before = await Promise.all([0, 1].map(used));
    await expect(open('synthetic:qwen2.5-0.5b', { tensorParallelSize: 4 })).rejects.toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('Use 1 or 2 of them'),
    });
    await expect(open('synthetic:llama-3.2-1b', { device: 'cuda:7,8' })).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('from cuda:0 to cuda:7, got cuda:7,8'),
    });
    await expect(open('synthetic:llama-3.1-8b', { device: 'cuda:0,1' })).rejects.toMatchObject({
      code: 'device',
      message: expect.stringContaining('one of 2 with a part each'),
    });
    expect(await Promise.all([0, 1].map(used))).toEqual(before);
  });
});

const root = await mkdtemp(join(tmpdir(), 'judge-cuda-ranks-'));
afterAll(() => rm(root, { recursive: true, force: true }));

if (compiler === undefined) {
  test(`contract over ranks: ${NO_COMPILER}`, () => console.log(`contract over ranks: ${NO_COMPILER}`));
} else {
  describeBackend(
    'cuda, stand-in, two ranks',
    async () => {
      const { engine, set } = await openStandIn();
      set('devices', 2);
      const folder = join(root, 'model');
      await makeTinyCheckpoint(folder, { hiddenSize: 64, attentionHeads: 4, keyValueHeads: 2 });
      return {
        backend: cudaBackend({ engine, prefillChunk: 32, dtype: 'int8', device: 'cuda:0,1' }),
        location: folder,
        device: 'cuda:0,1',
        tolerance: toleranceFor('fp32'),
        exempt: {},
        malformed: [],
        memoryInUse: async () => {
          const { memoryTotal, memoryFree } = await engine.device(1);
          return memoryTotal - memoryFree;
        },
      };
    },
    { describe, test, beforeAll, afterAll },
  );
}
