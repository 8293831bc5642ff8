import fc from 'fast-check';
import { expect, test } from 'vitest';
import { utf8Decode, utf8Encode } from '../src/index.ts';

test('UTF-8 is that of the platform, lone surrogates included', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const bytes = utf8Encode(text);
      expect(bytes).toEqual(new TextEncoder().encode(text));
      expect(utf8Decode(bytes)).toBe(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes));
    }),
  );
  expect(utf8Encode('\ud800x')).toEqual(new TextEncoder().encode('\ud800x'));
  expect(() => utf8Decode(Uint8Array.of(0xff))).toThrow(URIError);
});
