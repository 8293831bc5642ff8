import { mkdtemp, open, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

/** Folders in which nothing can be written, as on a read-only mount: permissions do not stop root. */
const frozen = vi.hoisted(() => ({ folders: [] as string[] }));
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof import('node:fs/promises')>();
  return {
    ...real,
    writeFile: async (...given: Parameters<typeof real.writeFile>) => {
      if (frozen.folders.some((folder) => String(given[0]).startsWith(folder)))
        throw Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS' });
      return real.writeFile(...given);
    },
  };
});

let pair: TinyPair;
let cache: string;
beforeAll(async () => {
  pair = await tinyPair();
  cache = await mkdtemp(join(tmpdir(), 'judge-cache-'));
});
afterAll(async () => {
  await pair.dispose();
  await rm(cache, { recursive: true, force: true });
});

const generate = (folder: string, ...argv: readonly string[]) =>
  runJudge(
    [
      'generate',
      'How many apples has Tom',
      '--target',
      pair.target,
      '--draft',
      pair.draft,
      '-n',
      '12',
      ...argv,
    ],
    { env: { ...pair.env, JUDGE_CACHE: folder } },
  );

describe('a cache folder that cannot be written', () => {
  test('stops nothing where all is there: it is said, and costs are measured anew', async () => {
    const first = await generate(cache);
    expect(first.code).toBe(0);
    expect(first.err).not.toContain('note:');
    await rm(join(cache, 'costs'), { recursive: true });
    frozen.folders.push(cache);
    try {
      const again = await generate(cache);
      expect([again.code, again.out]).toEqual([0, first.out]);
      const said = again.err.replaceAll(/\s+/g, ' ');
      expect(said).toContain(
        `Nothing can be kept in the cache folder ${cache} (EROFS: read-only file system)`,
      );
      expect(said).toContain('The measured costs cannot be kept');
      expect(said).toContain('JUDGE_CACHE');
    } finally {
      frozen.folders.length = 0;
    }
  });

  test.each([
    ['beneath a file', join(import.meta.filename, 'cache')],
    // only there Node's own `mkdir` with `recursive` asks for ever
    ...(process.platform === 'linux' ? [['where no folder can be made', '/proc/judge/cache']] : []),
  ])('%s stops what has to be made, in one sentence', async (_, folder) => {
    const { code, err } = await generate(folder!);
    const errors = err.split('\n').filter((line) => line.startsWith('error:'));
    expect([code, errors.length]).toEqual([3, 1]);
    expect(errors[0]).toMatch(/Expected to write into the cache folder .*cache.* got: (ENOTDIR|ENOENT)/);
    expect(errors[0]).toContain('JUDGE_CACHE');
  });
});

/** Another byte at the file's middle, and the old times again. */
async function flipByte(path: string): Promise<void> {
  const { size, atime, mtime } = await stat(path);
  const file = await open(path, 'r+');
  const byte = new Uint8Array(1);
  await file.read(byte, 0, 1, size >> 1);
  byte[0]! ^= 0x40;
  await file.write(byte, 0, 1, size >> 1);
  await file.close();
  await utimes(path, atime, mtime);
}

describe('what is in the cache is what was put there', () => {
  test.each(['weights.bin', 'decoder.onnx'])(
    'a changed byte in %s is found, and the graph made again',
    async (name) => {
      const first = await generate(cache);
      const graphs = join(cache, 'graphs');
      const entries = await readdir(graphs);
      const before = await Promise.all(entries.map((entry) => readFile(join(graphs, entry, name))));
      for (const entry of entries) await flipByte(join(graphs, entry, name));
      const again = await generate(cache);
      expect([again.code, again.out]).toEqual([0, first.out]);
      expect((await readdir(graphs)).sort()).toEqual(entries.sort());
      const after = await Promise.all(entries.map((entry) => readFile(join(graphs, entry, name))));
      expect(after.every((bytes, index) => bytes.equals(before[index]!))).toBe(true);
    },
  );

  test('weights replaced by others of the same size and time are not taken for the old ones', async () => {
    const fingerprint = async () => {
      const { out } = await generate(cache, '--json', '--draft', 'none');
      return JSON.parse(out).settings.target.fingerprint.weights as string;
    };
    const old = await fingerprint();
    expect(await fingerprint()).toBe(old);
    const [file] = (await readdir(pair.target)).filter((name) => name.endsWith('.safetensors'));
    const path = join(pair.target, file!);
    const kept = await readFile(path);
    await flipByte(path);
    expect(await fingerprint()).not.toBe(old);
    await writeFile(path, kept);
    expect(await fingerprint()).toBe(old);
  });
});
