import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { narrow, openSafetensors, writeSafetensors } from '../src/index.ts';
import { MAX_HEADER_BYTES } from '../src/safetensors-header.ts';
import { expectRefusal } from './expect-refusal.ts';
import { temporaryFolder } from './temporary-folder.ts';

const folder = await temporaryFolder();
const values = Float32Array.from({ length: 12 }, (_, i) => i - 5.5);

/** A file whose header says `header` (JSON or text) before `dataBytes` zeros. */
function fileOf(header: object | string, dataBytes: number, claimedLength?: number): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const file = new Uint8Array(8 + json.length + dataBytes);
  new DataView(file.buffer).setBigUint64(0, BigInt(claimedLength ?? json.length), true);
  file.set(json, 8);
  return file;
}

test.each(['F32', 'F16', 'BF16'] as const)('a %s tensor comes back as it was written', async (type) => {
  const path = join(folder, `${type}.safetensors`);
  const bytes = narrow(values, type);
  const tensors = [
    { name: 'b', shape: [4, 3], type, bytes },
    { name: 'a', shape: [], type: 'I64', bytes: new Uint8Array(8).fill(1) },
    { name: '__proto__', shape: [0, 7], type: 'F32', bytes: new Uint8Array(0) },
  ] as const;
  await writeSafetensors(path, tensors, { metadata: { made: 'here' } });
  const file = await openSafetensors(path);
  expect(file.metadata).toEqual({ made: 'here' });
  expect(file.list().map(({ name }) => name)).toEqual(['__proto__', 'a', 'b']);
  expect(file.info('b')).toMatchObject({ shape: [4, 3], type, byteLength: bytes.length });
  expect(await file.read('b')).toEqual(values);
  expect(await file.read('b', { first: 1, count: 2 })).toEqual(values.slice(3, 9));
  expect(await file.raw('b', { first: 3, count: 1 })).toEqual(bytes.slice((bytes.length / 4) * 3));
  expect(await file.read('__proto__')).toEqual(new Float32Array(0));
  await expectRefusal(() => file.read('a'), 'unsupported', '`a`', 'I64');
  await expectRefusal(() => file.read('c'), 'not-found', '`c`', path);
  await expectRefusal(() => file.read('b', { first: 3, count: 2 }), 'invalid-input', '0..4');
  await file.dispose();
  await file.dispose();
  await expectRefusal(() => file.read('b'), 'disposed', '`b`');
});

test('a tensor larger than the chunks it is read in comes back whole', async () => {
  const path = join(folder, 'large.safetensors');
  const large = Float32Array.from({ length: 1_500_001 }, (_, i) => i);
  await writeSafetensors(path, [
    { name: 'x', shape: [large.length], type: 'F32', bytes: narrow(large, 'F32') },
  ]);
  const file = await openSafetensors(path);
  expect(Buffer.from((await file.read('x')).buffer).equals(Buffer.from(large.buffer))).toBe(true);
  await file.dispose();
});

test('reads what the safetensors package for Python writes', async () => {
  // save_file({"w": float16 [[1, -2], [0.5, 65504]], "i": int32 [7]}, metadata={"format": "np"})
  const file = fileOf(
    '{"__metadata__":{"format":"np"},"i":{"dtype":"I32","shape":[1],"data_offsets":[0,4]},"w":{"dtype":"F16","shape":[2,2],"data_offsets":[4,12]}}   ',
    12,
  );
  file.set([7, 0, 0, 0, 0x00, 0x3c, 0x00, 0xc0, 0x00, 0x38, 0xff, 0x7b], file.length - 12);
  const path = join(folder, 'python.safetensors');
  await writeFile(path, file);
  const opened = await openSafetensors(path);
  expect([...(await opened.read('w'))]).toEqual([1, -2, 0.5, 65504]);
  expect([...(await opened.raw('i'))]).toEqual([7, 0, 0, 0]);
  await opened.dispose();
});

const w = { dtype: 'F32', shape: [2], data_offsets: [0, 8] };
test.each([
  { says: 'nothing', file: new Uint8Array(0), words: 'at least 8 bytes' },
  { says: 'seven bytes', file: new Uint8Array(7), words: 'at least 8 bytes' },
  { says: 'a header longer than the file', file: fileOf({ w }, 8, 1000), words: 'truncated' },
  { says: 'a header of 2^63 bytes', file: fileOf({ w }, 8, 2 ** 63), words: 'claims a header' },
  { says: 'a header above the limit', file: fileOf({ w }, 8, MAX_HEADER_BYTES + 1), words: 'more than' },
  { says: 'no object', file: fileOf('[1]', 0), words: 'begin with {' },
  { says: 'half an object', file: fileOf('{"w":{"dtype"', 8), words: 'not JSON' },
  {
    says: 'no UTF-8',
    file: fileOf({ w }, 8).map((byte, i) => (i === 12 ? 0xff : byte)),
    words: 'not JSON in UTF-8',
  },
  { says: 'deep nesting', file: fileOf(`{"w":${'['.repeat(100_000)}`, 8), words: 'deeper' },
  {
    says: 'a name twice',
    file: fileOf(`{"w":${JSON.stringify(w)},"w":${JSON.stringify(w)}}`, 8),
    words: 'twice',
  },
  {
    says: 'a field twice',
    file: fileOf('{"w":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}', 8),
    words: 'twice',
  },
  { says: 'a number for a tensor', file: fileOf({ w: 3 }, 8), words: 'described by 3' },
  { says: 'an unknown type', file: fileOf({ w: { ...w, dtype: 'F31' } }, 8), words: 'unknown type "F31"' },
  {
    says: 'a type named like an inherited property',
    file: fileOf({ w: { ...w, dtype: 'constructor' } }, 8),
    words: 'unknown type',
  },
  { says: 'a negative size', file: fileOf({ w: { ...w, shape: [-2] } }, 8), words: 'shape' },
  { says: 'a fractional size', file: fileOf({ w: { ...w, shape: [0.5, 4] } }, 8), words: 'shape' },
  {
    says: 'sizes that overflow',
    file: fileOf({ w: { ...w, shape: [2 ** 52, 2 ** 52] } }, 8),
    words: 'takes',
  },
  {
    says: 'nine dimensions',
    file: fileOf({ w: { ...w, shape: [1, 1, 1, 1, 1, 1, 1, 1, 2] } }, 8),
    words: 'shape',
  },
  {
    says: 'offsets backwards',
    file: fileOf({ w: { ...w, data_offsets: [8, 0] } }, 8),
    words: 'offsets say -8',
  },
  { says: 'three offsets', file: fileOf({ w: { ...w, data_offsets: [0, 4, 8] } }, 8), words: 'offsets' },
  { says: 'more than the file has', file: fileOf({ w }, 7), words: 'truncated' },
  { says: 'less than the file has', file: fileOf({ w }, 9), words: 'end at byte' },
  { says: 'an overlap', file: fileOf({ v: w, w: { ...w, data_offsets: [4, 12] } }, 12), words: 'overlaps' },
  { says: 'the same bytes twice', file: fileOf({ v: w, w }, 8), words: 'overlaps' },
  { says: 'a gap', file: fileOf({ v: w, w: { ...w, data_offsets: [12, 20] } }, 20), words: 'gap' },
  {
    says: 'another size than its shape',
    file: fileOf({ w: { ...w, shape: [3] } }, 8),
    words: 'takes 12 bytes',
  },
  { says: 'numbers as metadata', file: fileOf({ __metadata__: { a: 1 }, w }, 8), words: '__metadata__' },
  { says: 'a name of a million letters', file: fileOf({ ['w'.repeat(1e6)]: w }, 8), words: 'longer than' },
])('a file that says $says is refused', async ({ file, words }) => {
  const path = join(folder, 'lying.safetensors');
  await writeFile(path, file);
  await expectRefusal(() => openSafetensors(path), 'invalid-file', path, words);
});

test('a missing file and a folder are told apart', async () => {
  await expectRefusal(() => openSafetensors(join(folder, 'none')), 'not-found', 'none');
  await expectRefusal(() => openSafetensors(folder), 'invalid-file', folder);
});

test('a file cut while it is open is reported, not read as zeros', async () => {
  const path = join(folder, 'cut.safetensors');
  await writeSafetensors(path, [{ name: 'w', shape: [12], type: 'F32', bytes: narrow(values, 'F32') }]);
  const file = await openSafetensors(path);
  const { truncate } = await import('node:fs/promises');
  await truncate(path, 80);
  await expectRefusal(() => file.read('w'), 'invalid-file', 'cut while open');
  await file.dispose();
});

test('shards hold every tensor once and none goes beyond the limit', async () => {
  const out = join(folder, 'sharded.safetensors');
  const bytes = narrow(values, 'F32');
  const tensors = ['a', 'b', 'c', 'd', 'e'].map((name) => ({
    name,
    shape: [12],
    type: 'F32' as const,
    bytes,
  }));
  await writeSafetensors(out, tensors, { maxShardBytes: 100 });
  const index = JSON.parse(await readFile(`${out}.index.json`, 'utf8'));
  expect(index).toEqual({
    metadata: { total_size: 240 },
    weight_map: {
      a: 'sharded-00001-of-00003.safetensors',
      b: 'sharded-00001-of-00003.safetensors',
      c: 'sharded-00002-of-00003.safetensors',
      d: 'sharded-00002-of-00003.safetensors',
      e: 'sharded-00003-of-00003.safetensors',
    },
  });
});

test('what cannot be written is refused and leaves nothing behind', async () => {
  const tensor = { name: 'w', shape: [12], type: 'F32' as const, bytes: narrow(values, 'F32') };
  const path = join(folder, 'absent', 'x.safetensors');
  await expectRefusal(() => writeSafetensors(path, [tensor]), 'not-found', path);
  await expectRefusal(
    () => writeSafetensors(join(folder, 'x.safetensors'), [tensor, tensor]),
    'invalid-option',
    'w',
  );
  await expectRefusal(
    () => writeSafetensors(join(folder, 'x.safetensors'), [{ ...tensor, shape: [13] }]),
    'invalid-input',
    '52 bytes',
  );
  // a folder in the way makes the rename fail after everything was written
  await expectRefusal(() => writeSafetensors(folder, [tensor]), 'io', folder);
  const left = await readdir(folder);
  expect(left.filter((name) => name.endsWith('.tmp') || name === 'x.safetensors')).toEqual([]);
});
