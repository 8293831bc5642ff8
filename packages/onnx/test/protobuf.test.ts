import { expect, test } from 'vitest';
import {
  bytesField,
  floatField,
  intField,
  message,
  messageField,
  stringField,
  toBytes,
} from '../src/protobuf.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

test.each([
  { what: 'a small integer', encoded: intField(1, 150), bytes: '089601' },
  { what: 'zero', encoded: intField(3, 0), bytes: '1800' },
  { what: 'a negative integer, in ten bytes', encoded: intField(1, -1), bytes: '08ffffffffffffffffff01' },
  { what: 'a field above 15, in two bytes', encoded: intField(20, 2), bytes: 'a00102' },
  { what: 'a string', encoded: stringField(2, 'testing'), bytes: '120774657374696e67' },
  { what: 'an empty string', encoded: stringField(1, ''), bytes: '0a00' },
  { what: 'text beyond ASCII', encoded: stringField(1, 'é'), bytes: '0a02c3a9' },
  { what: 'a float', encoded: floatField(2, 1), bytes: '150000803f' },
  { what: 'bytes', encoded: bytesField(9, Uint8Array.of(1, 2)), bytes: '4a020102' },
])('$what is written as the wire format has it', ({ encoded, bytes }) => {
  expect(hex(toBytes(encoded))).toBe(bytes);
});

test('a message inside a message is preceded by its length', () => {
  const inner = message(intField(1, 150), stringField(2, 'a'));
  expect(hex(toBytes(messageField(3, inner)))).toBe('1a06089601120161');
});

test('lengths beyond one byte are right', () => {
  const bytes = toBytes(messageField(1, message(bytesField(1, new Uint8Array(300)))));
  expect(bytes.byteLength).toBe(1 + 2 + 1 + 2 + 300);
  expect(hex(bytes.subarray(0, 6))).toBe('0aaf020aac02');
});
