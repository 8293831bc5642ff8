import { JudgeDecodingError } from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseHeader, parseHeaderLength } from '../src/safetensors-header.ts';
import { processorTime } from './processor-time.ts';

const RUNS = 5000;

const sound = {
  __metadata__: { format: 'pt' },
  'model.embed_tokens.weight': { dtype: 'BF16', shape: [5, 4], data_offsets: [0, 40] },
  'model.norm.weight': { dtype: 'F32', shape: [4], data_offsets: [40, 56] },
  empty: { dtype: 'F16', shape: [0, 3], data_offsets: [56, 56] },
};
const DATA_BYTES = 56;
const json = Buffer.from(JSON.stringify(sound));
const file = Buffer.concat([Buffer.alloc(8), json, Buffer.alloc(DATA_BYTES)]);
file.writeBigUInt64LE(BigInt(json.length));

/** What opening a file does, without the file system in the way. */
function parse(bytes: Uint8Array): 'read' | 'refused' {
  try {
    const length = parseHeaderLength('fuzzed', bytes.subarray(0, 8), bytes.length);
    const { tensors } = parseHeader('fuzzed', bytes.subarray(8, 8 + length), bytes.length);
    // whatever is let through must be safe to read
    for (const { position, byteLength } of tensors.values()) {
      if (position < 8 + length || byteLength < 0 || position + byteLength > bytes.length)
        throw new Error('out of the file');
    }
    return 'read';
  } catch (error) {
    if (JudgeDecodingError.is(error, 'invalid-file')) return 'refused';
    throw error;
  }
}

/** Pieces of JSON that matter to a header, so that mutations reach past the JSON parser. */
const morsel = fc.constantFrom(
  '0', '-1', '1e308', '9007199254740993', '18446744073709551615', '0.5', 'null', 'true', '[]', '{}', '""', '[[', '{"a":',
  '"F32"', '"BF16"', '"dtype"', '"shape"', '"data_offsets"', '"__proto__"', '"__metadata__"', '\\', '"', ',', ':', '}', ']',
); // biome-ignore format: a list reads better than a column

const edit = fc.record({
  at: fc.nat(file.length + 8),
  remove: fc.nat(20),
  insert: fc.oneof(
    morsel.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)),
  ),
});

test('the unchanged file is read', () => {
  expect(parse(file)).toBe('read');
});

test(`${RUNS} files with edited bytes are read safely or refused`, () => {
  let refused = 0;
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), fc.boolean(), (edits, repairLength) => {
      let bytes = Buffer.from(file);
      for (const { at, remove, insert } of edits) {
        bytes = Buffer.concat([bytes.subarray(0, at), insert, bytes.subarray(at + remove)]);
      }
      // a length that still fits lets the edit be seen by everything after it
      const headerBytes = bytes.length - 8 - DATA_BYTES;
      if (repairLength && headerBytes > 0) bytes.writeBigUInt64LE(BigInt(headerBytes));
      if (parse(bytes) === 'refused') refused++;
    }),
    { numRuns: RUNS, seed: 20250101 },
  );
  expect(refused).toBeGreaterThan(RUNS / 2);
});

const anyNumber = fc.oneof(
  fc.nat(60),
  fc.constantFrom(-1, 0.5, 1e300, 2 ** 53, Number.MAX_SAFE_INTEGER, null, '8', [8]),
);
const anyTensor = fc.record(
  {
    dtype: fc.constantFrom('F32', 'BF16', 'F16', 'U8', 'F64', 'BOOL', 'f32', '', 0, null),
    shape: fc.oneof(fc.array(anyNumber, { maxLength: 3 }), fc.constantFrom<unknown>(null, 3, '3', {})),
    data_offsets: fc.oneof(
      fc.array(anyNumber, { minLength: 1, maxLength: 3 }),
      fc.constantFrom<unknown>(null, {}),
    ),
  },
  { requiredKeys: [] },
);

test(`${RUNS} well-formed headers that lie are read safely or refused`, () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string({ maxLength: 4 }), anyTensor, { maxKeys: 4 }),
      fc.nat(100),
      (header, dataBytes) => {
        const text = Buffer.from(JSON.stringify(header));
        const bytes = Buffer.concat([Buffer.alloc(8), text, Buffer.alloc(dataBytes)]);
        bytes.writeBigUInt64LE(BigInt(text.length));
        parse(bytes);
      },
    ),
    { numRuns: RUNS, seed: 20250102 },
  );
});

test('a header of sixteen megabytes that opens brackets is refused in a moment', async () => {
  const bytes = Buffer.alloc(8 + 16 * 1024 * 1024, '[');
  bytes.writeBigUInt64LE(BigInt(bytes.length - 8));
  bytes[8] = 0x7b;
  expect(await processorTime(() => expect(parse(bytes)).toBe('refused'))).toBeLessThan(2000);
});
