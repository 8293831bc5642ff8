import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cachedWeightsFingerprint } from '../src/cached-fingerprint.ts';
import { weightsFingerprint } from '../src/fingerprints.ts';
import { hashInThread } from '../src/hash-in-thread.ts';
import { openSafetensors, writeSafetensors } from '../src/index.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-hash-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('sha256 in a thread', () => {
  test('is that of the same bytes, however they are cut; views of larger memory stay with the caller', async () => {
    const bytes = Uint8Array.from(randomBytes(100_000));
    const hash = hashInThread();
    try {
      for (let at = 0; at < bytes.length; at += 7_919) await hash.update(bytes.subarray(at, at + 7_919));
      await hash.update(new Uint8Array(0));
      await hash.update(bytes.slice(0, 10));
      const expected = createHash('sha256').update(bytes).update(bytes.subarray(0, 10)).digest('hex');
      expect(await hash.digest()).toBe(expected);
    } finally {
      await hash.dispose();
    }
  });

  test('says so where the thread has ended', async () => {
    const hash = hashInThread();
    await hash.dispose();
    await expect(hash.digest()).rejects.toMatchObject({ code: 'device' });
  });
});

test('whoever gives up while parts are under way leaves nothing behind', async () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', note);
  try {
    const hash = hashInThread();
    for (let part = 0; part < 3; part++) await hash.update(new Uint8Array(32 * 1024 * 1024));
    await hash.dispose();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});

describe('the fingerprint of many bytes', () => {
  const rows = 1100;
  const many = async (name: string) => {
    const path = join(folder, name);
    const bytes = Uint8Array.from(randomBytes(rows * 65_536));
    await writeSafetensors(path, [
      { name: 'a', shape: [3], type: 'F32', bytes: bytes.slice(0, 12) },
      { name: 'large', shape: [rows, 16_384], type: 'F32', bytes },
    ]);
    return path;
  };

  test('is the one computed without a thread', async () => {
    const tensors = await openSafetensors(await many('whole.safetensors'));
    const hash = createHash('sha256');
    const here = weightsFingerprint(tensors, {
      update: (part) => hash.update(part),
      digest: () => hash.digest('hex'),
    });
    expect(await cachedWeightsFingerprint(tensors, [], undefined)).toBe(await here);
    await tensors.dispose();
  });

  test('of a file that was cut meanwhile is refused', async () => {
    const path = await many('cut.safetensors');
    const tensors = await openSafetensors(path);
    await truncate(path, 40 * 1024 * 1024);
    await expect(cachedWeightsFingerprint(tensors, [], undefined)).rejects.toMatchObject({
      code: 'invalid-file',
    });
    await tensors.dispose();
  });
});
