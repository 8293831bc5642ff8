import type { ByteFile, ModelFiles } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { withKeptParts } from '../src/browser/kept-parts.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) % 251);

/** A file that says what was read of it; its first `failures` reads fail. */
function counted(failures = 0) {
  const reads: (readonly [position: number, length: number])[] = [];
  let closed = 0;
  const file: ByteFile = {
    path: 'https://host/model.safetensors',
    size: bytes.length,
    async read(into, position) {
      if (failures-- > 0) throw new JudgeDecodingError('io', 'broke off');
      if (position + into.length > bytes.length) throw new JudgeDecodingError('invalid-file', 'ends before');
      reads.push([position, into.length]);
      into.set(bytes.subarray(position, position + into.length));
    },
    close: async () => {
      closed++;
    },
  };
  return { file, reads, closed: () => closed };
}

const opened = (file: ByteFile, part: number) => withKeptParts(file, part) as ByteFile;

test.each([1, 7, 64, 999, 1000, 4096])(
  'any range is right, and no byte is read twice, in parts of %i',
  async (part) => {
    const { file, reads } = counted();
    const kept = opened(file, part);
    for (const [position, length] of [
      [0, 8],
      [8, 500],
      [990, 10],
      [0, 1000],
      [63, 2],
      [500, 0],
      [1000, 0],
    ] as const) {
      const into = new Uint8Array(length);
      await kept.read(into, position);
      expect(into).toEqual(bytes.subarray(position, position + length));
    }
    expect(reads.reduce((sum, [, length]) => sum + length, 0)).toBe(1000);
    expect(new Set(reads.map(([position]) => position)).size).toBe(reads.length);
  },
);

test('reads at once share what is on its way', async () => {
  const { file, reads } = counted();
  const kept = opened(file, 400);
  const all = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const into = new Uint8Array(1000);
      await kept.read(into, 0);
      return into;
    }),
  );
  for (const each of all) expect(each).toEqual(bytes);
  expect(reads).toHaveLength(3);
});

test('a part that broke off is asked for again', async () => {
  const { file } = counted(1);
  const kept = opened(file, 400);
  const into = new Uint8Array(100);
  await expect(kept.read(into, 0)).rejects.toMatchObject({ code: 'io' });
  await kept.read(into, 0);
  expect(into).toEqual(bytes.subarray(0, 100));
});

test('what lies past the end is refused by the file itself', async () => {
  const kept = opened(counted().file, 400);
  await expect(kept.read(new Uint8Array(11), 990)).rejects.toMatchObject({ code: 'invalid-file' });
});

test('the files of a folder, and their end', async () => {
  const { file, reads, closed } = counted();
  const folder: ModelFiles = {
    location: 'https://host/model',
    name: 'model',
    pathOf: (name) => `https://host/model/${name}`,
    open: async () => file,
  };
  const kept = withKeptParts(folder, 400) as ModelFiles;
  expect(kept.pathOf('config.json')).toBe('https://host/model/config.json');
  const one = await kept.open('model.safetensors');
  await one.read(new Uint8Array(10), 5);
  await one.read(new Uint8Array(10), 50);
  await one.close();
  expect([reads, closed()]).toEqual([[[0, 400]], 1]);
});
