import { describe, expect, test } from 'vitest';
import { decodeText, textDecoder } from '../../src/decode-text.ts';

const TEXT = 'Hi é 🍎\n';
const utf16 = (text: string, littleEndian: boolean) => {
  const bytes = new Uint8Array(text.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  return bytes;
};
const utf8 = new TextEncoder().encode(TEXT);

describe('piped text', () => {
  test.each([
    ['UTF-8', utf8],
    ['UTF-8 with a byte-order mark', Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8)],
    ['UTF-16, little end first', Uint8Array.of(0xff, 0xfe, ...utf16(TEXT, true))],
    ['UTF-16, big end first', Uint8Array.of(0xfe, 0xff, ...utf16(TEXT, false))],
  ])('in %s is read, in one part or byte by byte', (_, bytes) => {
    expect(decodeText(bytes)).toBe(TEXT);
    const decoder = textDecoder();
    const parts = Array.from(bytes, (byte) => decoder.decode(Uint8Array.of(byte)));
    expect(parts.join('') + decoder.finish()).toBe(TEXT);
  });

  test.each([
    ['nothing', new Uint8Array(0), ''],
    ['one letter', Uint8Array.of(0x61), 'a'],
  ])('of %s is read', (_, bytes, text) => expect(decodeText(bytes)).toBe(text));

  test.each([
    ['Latin-1', Uint8Array.of(0x63, 0x61, 0x66, 0xe9), 'no UTF-8'],
    ['half a character at the end', utf8.subarray(0, 4), 'no UTF-8'],
    ['UTF-16 without a mark', utf16('Hi', true), 'NUL'],
    ['half a unit of UTF-16', Uint8Array.of(0xff, 0xfe, 0x61), 'no UTF-16'],
    ['a file that is none', Uint8Array.of(0x47, 0x47, 0x55, 0x46, 3, 0, 0, 0), 'NUL'],
  ])('in %s is refused in one line', (_, bytes, what) => {
    expect(() => decodeText(bytes)).toThrow(what);
    expect(() => decodeText(bytes)).toThrow(/^Expected text in UTF-8[^\n]*$/);
  });
});
