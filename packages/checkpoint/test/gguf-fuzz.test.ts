import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NeedsMoreBytes } from '../src/gguf/byte-cursor.ts';
import { parseGgufHeader } from '../src/gguf/gguf-header.ts';
import { openCheckpoint } from '../src/index.ts';
import { type GgufEntry, ggufBytes } from '../src/testing/index.ts';
import { expectRefusal } from './expect-refusal.ts';
import { integers, mutate, openMutant, soundGguf } from './gguf-mutations.ts';
import { processorTime } from './processor-time.ts';
import { temporaryFolder } from './temporary-folder.ts';

const RUNS = 1500;
const { sentencePiece } = JSON.parse(
  readFileSync(new URL('fixtures/gguf-tokenizers.json', import.meta.url), 'utf8'),
);
const root = await temporaryFolder();
const sound = await soundGguf();

test.each([
  { of: 'byte-level', file: sound },
  { of: 'SentencePiece', file: await soundGguf(sentencePiece) },
])(`${RUNS} mutated files with a $of vocabulary are read safely or refused`, ({ file }) => {
  expect(openMutant(file.bytes)).toBe('read');
  const outcomes = { read: 0, 'invalid-file': 0, unsupported: 0, mismatch: 0 };
  for (let seed = 0; seed < RUNS; seed++) outcomes[openMutant(mutate(file, integers(seed)))]++;
  expect(outcomes['invalid-file']).toBeGreaterThan(RUNS / 3);
  expect(outcomes.unsupported).toBeGreaterThan(RUNS / 50);
  expect(outcomes.read).toBeGreaterThan(RUNS / 50);
});

test('a file cut anywhere in its header is refused, a piece of the header asks for more', async () => {
  const { bytes, headerBytes } = sound;
  for (let length = 0; length < headerBytes; length += 97) {
    const piece = bytes.subarray(0, length);
    await expectRefusal(() => parseGgufHeader('cut.gguf', piece, length), 'invalid-file', 'cut.gguf');
    expect(() => parseGgufHeader('cut.gguf', piece, bytes.length)).toThrow(NeedsMoreBytes);
  }
  const cut = bytes.subarray(0, bytes.length - 1);
  await expectRefusal(() => parseGgufHeader('cut.gguf', cut, cut.length), 'invalid-file', 'truncated');
});

const parse = (bytes: Buffer) => parseGgufHeader('odd.gguf', bytes, bytes.length);
const tensor = (name: string, size: number) => ({
  name,
  shape: [size],
  type: 0,
  bytes: new Uint8Array(4 * size),
});

describe('refused in a moment', () => {
  const entries = (count: number, entry: GgufEntry) =>
    Array.from({ length: count }, (_, i) => [`key.${i}`, entry] as const);
  const lying = (at: number, value: bigint, from: Buffer = sound.bytes) => {
    const bytes = Buffer.from(from);
    bytes.writeBigUInt64LE(value, at);
    return bytes;
  };

  test.each([
    { says: 'no bytes', make: () => Buffer.alloc(0), words: ['truncated'] },
    { says: 'another magic', make: () => Buffer.from('GGML and more of it'), words: ['instead of "GGUF"'] },
    { says: '2^64 tensors', make: () => lying(8, 2n ** 64n - 1n), words: ['18446744073709551615 tensors'] },
    { says: '2^62 entries', make: () => lying(16, 2n ** 62n), words: ['metadata entries'] },
    { says: 'a key of 2^40 bytes', make: () => lying(24, 2n ** 40n), words: ['1099511627776 bytes'] },
    {
      says: 'a million metadata keys',
      make: () => lying(16, 1_000_000n, Buffer.concat([sound.bytes, Buffer.alloc(13_000_000)])),
      words: ['1000000 metadata entries', '65536'],
    },
    {
      says: 'a key twice',
      make: () => ggufBytes({ metadata: [...entries(1, ['u8', 1]), ...entries(1, ['u8', 1])], tensors: [] }),
      words: ['"key.0" occurs twice'],
    },
    {
      says: 'a key that is not UTF-8',
      make: () => {
        const bytes = ggufBytes({ metadata: entries(1, ['u8', 1]), tensors: [] });
        bytes[33] = 0xff;
        return bytes;
      },
      words: ['not UTF-8'],
    },
    {
      says: 'a value that is not UTF-8',
      make: () => ggufBytes({ metadata: entries(1, ['string', Uint8Array.of(0xc3)]), tensors: [] }),
      words: ['`key.0`', 'not UTF-8'],
    },
    {
      says: 'an array of more elements than the file has bytes',
      make: () => lying(45, 2n ** 33n, ggufBytes({ metadata: entries(1, ['strings', ['a']]), tensors: [] })),
      words: ['8589934592 elements of `key.0`'],
    },
    {
      says: 'a tensor twice',
      make: () => ggufBytes({ metadata: [], tensors: [tensor('a', 8), tensor('a', 8)] }),
      words: ['two tensors have the name "a"'],
    },
    {
      says: 'rows that are no whole number of blocks',
      make: () => ggufBytes({ metadata: [], tensors: [{ ...tensor('a', 8), type: 8 }] }),
      words: ['"a" of Q8_0', '32'],
    },
    {
      says: 'five dimensions',
      make: () => ggufBytes({ metadata: [], tensors: [{ ...tensor('a', 1), shape: [1, 1, 1, 1, 1] }] }),
      words: ['5 dimensions'],
    },
    {
      says: 'a tensor larger than the file',
      make: () => ggufBytes({ metadata: [], tensors: [{ ...tensor('a', 8), shape: [2 ** 20, 2 ** 10] }] }),
      words: ['truncated'],
    },
    {
      says: 'a tensor larger than any file',
      make: () => ggufBytes({ metadata: [], tensors: [{ ...tensor('a', 8), shape: [2 ** 40, 2 ** 40] }] }),
      words: ['larger than any file'],
    },
  ])('a file with $says', async ({ make, words }) => {
    const bytes = make();
    const took = await processorTime(() =>
      expectRefusal(() => parse(bytes), 'invalid-file', 'odd.gguf', ...words),
    );
    expect(took).toBeLessThan(2000);
  });

  test('tensors that overlap, or leave room for something between them', async () => {
    const bytes = ggufBytes({ metadata: [], tensors: [tensor('a', 8), tensor('b', 8)] });
    // [header 24] [name 9] [rank 4] [size 8] [type 4] [offset 8], and the second likewise
    const offset = 24 + 2 * 33 - 8;
    await expectRefusal(() => parse(lying(offset, 0n, bytes)), 'invalid-file', '"b" overlaps');
    await expectRefusal(() => parse(lying(offset, 64n, bytes)), 'invalid-file', '"b" leaves a gap');
    await expectRefusal(() => parse(lying(offset, 2n ** 63n, bytes)), 'invalid-file', 'larger than any file');
  });

  test('arrays of arrays, and values of unknown types', async () => {
    const bytes = ggufBytes({ metadata: [['key', ['u32s', [1]]]], tensors: [] });
    const elementType = 24 + 8 + 3 + 4;
    for (const [type, words] of [
      [9, 'an array of arrays'],
      [77, 'unknown type 77'],
    ] as const) {
      bytes.writeUInt32LE(type, elementType);
      await expectRefusal(() => parse(bytes), 'invalid-file', words);
    }
    bytes.writeUInt32LE(13, elementType - 4);
    await expectRefusal(() => parse(bytes), 'invalid-file', 'unknown type 13');
  });

  test.each([1, 4, 0x3000000])('version %s', async (version) => {
    const bytes = ggufBytes({ version, metadata: [], tensors: [] });
    await expectRefusal(() => parse(bytes), 'unsupported', version > 9 ? 'big-endian' : `version ${version}`);
  });

  test.each([
    { type: 20, name: 'IQ4_NL' },
    { type: 39, name: 'MXFP4' },
  ])('tensors of type $name', async ({ type, name }) => {
    const bytes = ggufBytes({ metadata: [], tensors: [{ ...tensor('a', 32), type }] });
    await expectRefusal(() => parse(bytes), 'unsupported', name, 'Q4_K');
  });

  test('a vocabulary of three million strings, in bounded memory', async () => {
    const path = join(root, 'large.gguf');
    const metadata = [['key', ['strings', []]]] as const;
    const head = ggufBytes({ metadata, tensors: [] }).subarray(0, 24 + 8 + 3 + 8);
    const count = Buffer.alloc(8);
    count.writeBigUInt64LE(3_000_000n);
    await writeFile(path, Buffer.concat([head, count, Buffer.alloc(24_000_000), Buffer.alloc(64)]));
    const before = process.memoryUsage();
    const took = await processorTime(() =>
      expectRefusal(() => openCheckpoint(path), 'invalid-file', 'general.architecture'),
    );
    expect(took).toBeLessThan(5000);
    expect(process.memoryUsage().heapUsed - before.heapUsed).toBeLessThan(100e6);
  });
});

test('a folder, a text and a device are no GGUF files', async () => {
  const path = join(root, 'text.gguf');
  await writeFile(path, 'This model is available on request.');
  await expectRefusal(() => openCheckpoint(path), 'invalid-file', 'text.gguf', 'instead of "GGUF"');
  await expectRefusal(() => openCheckpoint('/dev/null'), 'invalid-file', '/dev/null');
  await expectRefusal(() => openCheckpoint(join(root, 'none.gguf')), 'not-found', 'none.gguf');
});
