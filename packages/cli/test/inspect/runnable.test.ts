import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Checkpoint, openCheckpoint } from '@judge-decoding/checkpoint';
import { makeTinyGguf } from '@judge-decoding/checkpoint/testing';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { DecoderDtype } from '@judge-decoding/onnx';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runnableOn } from '../../src/inspect/runnable.ts';
import { BACKENDS } from '../../src/pair/backends.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
beforeAll(async () => {
  pair = await tinyPair();
});
afterAll(() => pair.dispose());

test.each(['folder', 'gguf'])('what is listed for a %s is what the CPU backend opens', async (kind) => {
  const location = kind === 'folder' ? pair.target : join(pair.folder, 'target.gguf');
  if (kind === 'gguf') await makeTinyGguf(pair.target, location, { type: 'Q8_0' });
  const checkpoint = await openCheckpoint(location);
  const { contextLength } = checkpoint.config;
  const [cpu] = await runnableOn(checkpoint, BACKENDS);
  expect(cpu?.dtypes.map(({ dtype }) => dtype)).toEqual(BACKENDS.cpu!.dtypes);
  for (const listed of cpu!.dtypes) {
    const cacheFolder = pair.env.JUDGE_CACHE!;
    const dtype = listed.dtype as DecoderDtype;
    const opened = await cachedDecoder(checkpoint, { dtype, contextLength, cacheFolder });
    const { size } = await stat(join(dirname(opened.graphFile), 'weights.bin'));
    expect(listed).toMatchObject({ as: opened.dtype, bytesPerToken: opened.weights.bytesPerToken });
    // between two tensors there may be some room
    const ratio = size / ('weightBytes' in listed ? listed.weightBytes : Number.NaN);
    expect(ratio).toBeGreaterThanOrEqual(1);
    expect(ratio).toBeLessThan(1.2);
  }
  await checkpoint.dispose();
});

test('what cannot be run is listed with the reason', async () => {
  const checkpoint = await openCheckpoint(pair.target);
  const info: Checkpoint['tensors']['info'] = () => {
    throw new JudgeDecodingError('unsupported', 'No graph of these.');
  };
  const tensors = Object.assign(Object.create(checkpoint.tensors), { info });
  const [cpu] = await runnableOn({ ...checkpoint, tensors }, BACKENDS);
  expect(cpu?.dtypes).toContainEqual({ dtype: 'int8', refused: 'No graph of these.' });
  await checkpoint.dispose();
});
