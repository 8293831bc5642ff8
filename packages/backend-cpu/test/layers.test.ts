import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { afterAll, expect, test } from 'vitest';
import { cpuBackend } from '../src/index.ts';
import { referenceForward } from './reference-forward.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-layers-'));
afterAll(() => rm(root, { recursive: true, force: true }));

// exact passes read a single row as two, of which the second is nobody's
test.each([false, true])('states of earlier layers are the reference’s, exact: %s', async (exact) => {
  const location = join(root, 'model');
  await makeTinyCheckpoint(location, { layers: 3 });
  const checkpoint = await openCheckpoint(location);
  const tokens = [3, 7, 1, 12, 9];
  const { layers, preNorm } = await referenceForward(checkpoint, tokens);
  await checkpoint.dispose();
  const model = await cpuBackend({ cacheFolder: join(root, 'cache'), dtype: 'fp32', exact }).open(location);
  expect(model.info.layersOffered).toEqual([1, 2]);
  const session = await model.openSession();
  await session.forward(tokens.slice(0, 1), {});
  for (const [from, to] of [
    [1, 2],
    [2, 5],
  ] as const) {
    const { hidden } = await session.forward(tokens.slice(from, to), {
      hidden: ['layer-2', 'pre-norm', 'layer-1'],
    });
    for (const [got, expected] of [
      [hidden[0]!, layers[1]!],
      [hidden[1]!, preNorm],
      [hidden[2]!, layers[0]!],
    ] as const) {
      const wanted = expected.slice(from, to).flatMap((row) => Array.from(row));
      expect(got).toHaveLength(wanted.length);
      for (const [i, value] of wanted.entries()) expect(got[i]).toBeCloseTo(value, 4);
    }
  }
  await model.dispose();
});
