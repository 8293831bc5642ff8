import fc from 'fast-check';
import { expect, test } from 'vitest';
import { specialText } from '../src/special-text.ts';

const MARK = '\ue000';
const letters = (maxLength: number) => fc.string({ unit: fc.constantFrom('<', '|', '>', 'a'), maxLength });

test('the longest of the tokens that start first is found', () => {
  const { replace } = specialText(['<a>', '<a>b', 'b<']);
  expect(replace('x<a>b<a>', (special) => `[${special}]`)).toBe('x[<a>b][<a>]');
});

test('without special tokens nothing is found', () => {
  const { replace, escapeContent } = specialText([]);
  expect(replace(escapeContent('<a>', MARK), () => '!', MARK)).toBe('<a>');
});

test('no content takes part in a special token, whatever is written around it', () => {
  const special = letters(5).filter((text) => text !== '');
  const content = fc
    .tuple(fc.constantFrom('', ' ', '\n '), letters(8), fc.constantFrom('', ' '))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(
      fc.array(special, { minLength: 1, maxLength: 3 }),
      letters(6),
      content,
      letters(6),
      (specials, before, inside, after) => {
        fc.pre(inside.trim() !== '');
        const { replace, escapeContent } = specialText(specials);
        const shown = (found: string) => `[${found}]`;
        for (const written of [(text: string) => text, (text: string) => text.trim()]) {
          const got = replace(before + written(escapeContent(inside, MARK)) + after, shown, MARK);
          expect(got).toBe(replace(before, shown) + written(inside) + replace(after, shown));
        }
      },
    ),
    { numRuns: 3000 },
  );
});
