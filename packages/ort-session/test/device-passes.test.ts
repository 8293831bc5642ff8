import type { ModelInfo, TokenId } from '@judge-decoding/core';
import { DEVICE_INPUTS, DEVICE_OUTPUTS } from '@judge-decoding/onnx/interface';
import type { Tensor } from 'onnxruntime-common';
import { expect, test } from 'vitest';
import type { DeviceCache } from '../src/device/device-cache.ts';
import { type DeviceDecoder, DevicePasses } from '../src/device/device-passes.ts';
import type { DeviceOutputs, DeviceRuntime } from '../src/device/device-runtime.ts';
import { Places } from '../src/device/places.ts';
import { Terms } from '../src/device/terms.ts';
import { TokenSlots } from '../src/device/token-slots.ts';
import { fakeRuntime } from './fake-runtime.ts';

const tokensOf = (tensor: Tensor | undefined) => tensor!.data as Int32Array;

/** A device whose likeliest token follows from all tokens before it. */
function toyDevice(contextLength = 64) {
  const text: TokenId[] = [];
  const log = { runs: [] as number[], uploads: 0, told: 0 };
  const kept = new Set<Tensor>();
  const runtime = {
    ...fakeRuntime,
    readBacks: { count: 0, bytes: 0 },
    now: () => 0,
    allocate: async (_type: string, dims: readonly number[]) => {
      const tensor = new fakeRuntime.Tensor('int32', new Int32Array(1), dims);
      kept.add(tensor);
      return tensor;
    },
    keep: async (tensor: Tensor) => {
      kept.add(tensor);
      return tensor;
    },
    run: async (_session: unknown, feeds: Record<string, Tensor>, outputs: DeviceOutputs) => {
      const rows = tokensOf(feeds[DEVICE_INPUTS.tokens]);
      text.length = tokensOf(feeds[DEVICE_INPUTS.total])[0]! - rows.length;
      text.push(...rows);
      log.runs.push(rows.length);
      log.uploads += Object.values(feeds).filter((tensor) => !kept.has(tensor)).length;
      log.told += (feeds[DEVICE_INPUTS.tells]!.data as Uint8Array)[0]!;
      const favourite = Int32Array.of(text.reduce((sum, token) => (sum * 5 + token + 1) % 50, 7));
      const slot = outputs.kept[DEVICE_OUTPUTS.argmax];
      if (slot !== undefined) tokensOf(slot).set(favourite);
      return { [DEVICE_OUTPUTS.argmax]: favourite };
    },
    readTokens: async (tokens: readonly Tensor[]) => {
      runtime.readBacks.count++;
      return tokens.map((token) => tokensOf(token)[0]!);
    },
  };
  const device = runtime as unknown as DeviceRuntime;
  const shape = { hiddenSize: 4, tokenCount: 50 };
  const decoder = {
    ...{ runtime: device, shape, terms: new Terms(device, 4) },
    ...{ places: new Places(device), slots: new TokenSlots(device) },
  } as unknown as DeviceDecoder;
  const cache = { length: 0, feeds: {}, kept: {} } as unknown as DeviceCache;
  const info = { endTokens: [], contextLength, prefillChunk: 16 } as unknown as ModelInfo;
  return { passes: new DevicePasses(decoder, cache, info), log, runtime };
}

/** Plain decoding of so many tokens. */
async function plain(passes: DevicePasses, count: number, first = 3): Promise<TokenId[]> {
  const tokens = [first];
  while (tokens.length <= count)
    tokens.push((await passes.forward(tokens.slice(-1), [], { argmax: true })).argmax![0]!);
  return tokens;
}

test('steps that were read at once say what steps one by one say, in an eighth of the waits', async () => {
  const { passes, log, runtime } = toyDevice();
  const written = await plain(passes, 30);
  const alone = toyDevice();
  // what is asked besides is in no step's way, and keeps them apart
  const apart = [3];
  while (apart.length <= 30)
    apart.push((await alone.passes.forward(apart.slice(-1), [], { argmax: true, logits: true })).argmax![0]!);
  expect(written).toEqual(apart);
  expect(runtime.readBacks.count).toBe(5);
  expect(log.runs.length).toBeLessThan(40);
});

test('a plain step uploads its token, its place and two numbers for the host, and nothing is told', async () => {
  const { passes, log } = toyDevice();
  await plain(passes, 1);
  // token, start, last, total, tells: of these the device has two to get
  expect(log.uploads).toBe(5);
  expect(log.told).toBe(0);
});

test('after a rollback and another token what was read ahead is gone', async () => {
  const { passes } = toyDevice();
  const written = await plain(passes, 20);
  passes.length = 10;
  const { argmax } = await passes.forward([written[10]!], [], { argmax: true });
  expect(argmax![0]).toBe(written[11]);
  passes.length = 10;
  const other = (await passes.forward([49], [], { argmax: true })).argmax![0]!;
  const fresh = toyDevice();
  await fresh.passes.forward(written.slice(0, 10), [], {});
  expect((await fresh.passes.forward([49], [], { argmax: true })).argmax![0]).toBe(other);
});

test('nothing is read behind the context’s end', async () => {
  const { passes, log } = toyDevice(12);
  await plain(passes, 12);
  expect(log.runs.length).toBe(12);
});

test('nothing is read behind the end of a text that was named, until somebody goes on there', async () => {
  const { passes, log } = toyDevice();
  passes.end = 20;
  const written = await plain(passes, 20);
  expect(log.runs.length).toBe(20);
  const [next] = await plain(passes, 4, written.at(-1));
  expect(next).toBe(written.at(-1));
  expect(log.runs.length).toBeGreaterThan(24);
});
