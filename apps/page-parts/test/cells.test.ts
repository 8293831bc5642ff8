import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cellsOf, type ShownToken } from '../src/cells.ts';

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const token = (piece: ShownToken['piece'], source = 'standard'): ShownToken => ({ id: 1, source, piece });

/** A text as tokens of so many bytes each, in turns. */
function cut(text: string, sizes: readonly number[]): ShownToken[] {
  const bytes = new TextEncoder().encode(text);
  const tokens: ShownToken[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = at + sizes[i % sizes.length]!;
    tokens.push(token({ hex: hex(bytes.subarray(at, end)) }));
    at = end;
  }
  return tokens;
}

describe('what a reader sees as one sign is never shown in halves', () => {
  test.each([
    ['€ 5', [1]],
    ['naïve', [1, 2]],
    ['e\u0301clair', [1]],
    ['👩‍👩‍👧 two', [3, 1, 2]],
    ['日本語', [2]],
  ])('%s in tokens of %j bytes', (text, sizes) => {
    const cells = cellsOf(cut(text, sizes));
    expect(cells.map((cell) => cell.text).join('')).toBe(text);
    expect(cells.some(({ broken }) => broken)).toBe(false);
    for (const cell of cells) expect(cell.text).not.toContain('\uFFFD');
  });

  test('however a text is cut, its cells are the text, and each token is in one', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 30 }),
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 5 }),
        (text, sizes) => {
          const tokens = cut(text, sizes);
          const cells = cellsOf(tokens);
          expect(cells.map((cell) => cell.text).join('')).toBe(text);
          let next = 0;
          for (const { start, count } of cells) {
            expect(start).toBe(next);
            next += count;
          }
          expect(next).toBe(tokens.length);
        },
      ),
    );
  });
});

test('half a character at the end waits, and bytes that are none are said to be broken', () => {
  expect(cellsOf([token('a'), token({ hex: 'e2' })])).toMatchObject([
    { text: 'a' },
    { text: '⋯', broken: true },
  ]);
  expect(cellsOf([token({ hex: 'e2' }), token('b')])).toMatchObject([
    { text: '⋯', broken: true },
    { text: 'b' },
  ]);
  const cells = cellsOf([...Array.from({ length: 12 }, () => token({ hex: 'ff' })), token('b')]);
  expect(cells.at(-1)).toMatchObject({ text: 'b', count: 1 });
});

test('special tokens are cells of their own', () => {
  expect(cellsOf([token('a'), token({ special: '<end>' }), token('b')])).toMatchObject([
    { text: 'a' },
    { text: '', special: '<end>' },
    { text: 'b' },
  ]);
});

test('a character whose tokens come from two sources is marked by the louder one', () => {
  expect(cellsOf([token({ hex: 'e282' }), token({ hex: 'ac' }, 'recovered')])).toMatchObject([
    { text: '€', source: 'recovered', count: 2 },
  ]);
});
