import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import {
  breathe,
  claimFolder,
  isOurs,
  readIfThere,
  readNamed,
  sha256,
  unreadable,
  writeAtomically,
} from '../src/index.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'judge-long-work-'));
const hasCode = (code: Parameters<typeof JudgeDecodingError.is>[1]) => (error: unknown) =>
  JudgeDecodingError.is(error, code);

describe('files that somebody named', () => {
  test('are read, or it is said in words why not', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'file'), 'text');
    expect((await readNamed(join(folder, 'file'), 'rows')).toString()).toBe('text');
    const nothing = readNamed(join(folder, 'nothing'), 'rows', 'Make some.');
    await expect(nothing).rejects.toThrow(
      `Expected rows at ${join(folder, 'nothing')}, found nothing. Make some.`,
    );
    await expect(nothing).rejects.toSatisfy(hasCode('not-found'));
    await expect(readNamed(folder, 'rows', 'Make some.')).rejects.toSatisfy(hasCode('io'));
    await expect(readNamed(folder, 'rows', 'Make some.')).rejects.toThrow(/, found a folder\.$/);
  });

  test.each([
    ['EACCES', 'Expected a trace at t.json, found one that may not be read.', 'io'],
    ['EPERM', 'Expected a trace at t.json, found one that may not be read.', 'io'],
    ['ENOTDIR', 'Expected a trace at t.json, found nothing: a part of that path is a file.', 'not-found'],
    ['EIO', 'Expected a trace at t.json, cannot read it (EIO).', 'io'],
  ] as const)('%s means: %s', (code, message, ours) => {
    const error = unreadable('t.json', 'a trace', Object.assign(new Error('raw'), { code }));
    expect(error.message).toBe(message);
    expect(error.code).toBe(ours);
  });
});

describe('files that appear whole', () => {
  test('folders are made, and nothing temporary stays', async () => {
    const folder = await newFolder();
    await writeAtomically(join(folder, 'a', 'b.txt'), 'first');
    await writeAtomically(join(folder, 'a', 'b.txt'), 'second');
    expect(await readdir(join(folder, 'a'))).toEqual(['b.txt']);
    expect(await readFile(join(folder, 'a', 'b.txt'), 'utf8')).toBe('second');
  });

  test('what cannot be written is an error that names the path', async () => {
    const folder = await newFolder();
    await writeFile(join(folder, 'file'), '');
    const writing = writeAtomically(join(folder, 'file', 'under'), '');
    await expect(writing).rejects.toSatisfy(hasCode('io'));
    await expect(writing).rejects.toThrow('under');
  });

  test('a file that is not there is nothing, one that cannot be read an error', async () => {
    const folder = await newFolder();
    expect(await readIfThere(join(folder, 'none'))).toBeUndefined();
    await expect(readIfThere(folder)).rejects.toSatisfy(hasCode('io'));
  });
});

describe('folders that are claimed', () => {
  test('the same settings go on, others are told apart as deep down as they differ', async () => {
    const folder = join(await newFolder(), 'rows');
    await claimFolder(folder, { seed: 1, fit: { epochs: 3 } });
    await claimFolder(folder, { seed: 1, fit: { epochs: 3 } });
    const other = claimFolder(folder, { seed: 1, fit: { epochs: 4 } });
    await expect(other).rejects.toSatisfy(hasCode('mismatch'));
    await expect(other).rejects.toThrow('fit.epochs: 3 there, 4 now');
  });

  test('a folder grows where it is a part of what is asked for, and only then', async () => {
    const folder = await newFolder();
    await claimFolder(folder, { seed: 1, list: { count: 2 } });
    const asked: unknown[] = [];
    const growth = (whether: boolean) => ({
      of: ['list'],
      async bringUp(before: unknown) {
        asked.push(before);
        return whether;
      },
    });
    await expect(claimFolder(folder, { seed: 2, list: { count: 3 } }, growth(true))).rejects.toThrow('seed');
    expect(asked).toEqual([]);
    await expect(claimFolder(folder, { seed: 1, list: { count: 3 } }, growth(false))).rejects.toSatisfy(
      hasCode('mismatch'),
    );
    await claimFolder(folder, { seed: 1, list: { count: 3 } }, growth(true));
    expect(asked).toEqual(Array(2).fill({ seed: 1, list: { count: 2 } }));
    // it is the larger one now
    await claimFolder(folder, { seed: 1, list: { count: 3 } });
  });

  test.each(['{', 'null', '[]', '7'])('a manifest that is %s is refused', async (text) => {
    const folder = await newFolder();
    await writeFile(join(folder, 'manifest.json'), text);
    await expect(claimFolder(folder, {})).rejects.toSatisfy(hasCode('invalid-file'));
  });
});

test('parts share all shards and no two share one', () => {
  for (let shard = 0; shard < 20; shard++) {
    const owners = [0, 1, 2].filter((part) => isOurs(shard, { part, of: 3 }));
    expect(owners).toEqual([shard % 3]);
    expect(isOurs(shard, undefined)).toBe(true);
  }
});

test('a breath stops where the signal says so', async () => {
  await breathe(undefined);
  await expect(breathe({ aborted: true })).rejects.toSatisfy(hasCode('aborted'));
});

// from FIPS 180-2, appendix B.1
test('the digest is SHA-256, of parts as of the whole', () => {
  const abc = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  expect(sha256('abc')).toBe(abc);
  expect(sha256('a', new TextEncoder().encode('bc'))).toBe(abc);
});
