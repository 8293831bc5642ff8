import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JudgeHead, writeHead } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { whatFile } from '../../src/inspect/what-file.ts';

const head = (model: string): JudgeHead => ({
  terms: [{ layer: 'last', state: 'pre-norm', row: 'own', weights: Float32Array.of(1) }],
  bias: 0,
  threshold: 0.5,
  hiddenSize: 1,
  provenance: {
    model,
    fingerprint: { architecture: 'a', tokenizer: 't', weights: 'w' },
    dtype: 'fp32',
    data: 'd',
    metrics: {},
    calibration: [],
  },
});

test('a head may be one whatever its header’s length begins with, also as a pickle does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'judge-what-'));
  const first = new Set<number>();
  for (let length = 0; length < 256; length += 8) {
    const file = join(folder, `${length}.safetensors`);
    const bytes = writeHead(head('m'.repeat(length)));
    first.add(bytes[0]!);
    await writeFile(file, bytes);
    expect(await whatFile(file)).toBeUndefined();
  }
  expect(first).toContain(0x80);
  const pickle = join(folder, 'model.bin');
  await writeFile(pickle, Uint8Array.of(0x80, 2, 0x63, 0x5f, 0x5f, 0x6d, 0x61, 0x69, 0x6e, 0x5f, 0x5f, 0x0a));
  expect(await whatFile(pickle)).toContain('PyTorch');
});
