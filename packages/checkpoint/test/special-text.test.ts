import fc from 'fast-check';
import { expect, test } from 'vitest';
import { specialText, unmark } from '../src/special-text.ts';
import { addedTokens } from '../src/tokenize/added-tokens.ts';

const MARK = '\ue000';
const letters = (maxLength: number) => fc.string({ unit: fc.constantFrom('<', '|', '>', 'a'), maxLength });

/** Where special tokens are read in a text, as encoding finds them: each in brackets. */
function shown(specials: readonly string[], text: string, plain: (at: number) => boolean): string {
  const added = specials.map((content, id) => ({
    id,
    content,
    special: true,
    normalized: false,
    lstrip: false,
    rstrip: false,
    singleWord: false,
  }));
  return addedTokens(added, (piece) => piece)
    .sections(text, plain)
    .map((section) => ('id' in section ? `[${specials[section.id]}]` : section.piece.text))
    .join('');
}

/** As `shown`, for a text with marks in it. */
function shownMarked(specials: readonly string[], text: string): string {
  const { text: written, marked } = unmark(text, MARK);
  return shown(specials, written, (at) => marked.has(at));
}

test('the longest of the tokens that start first is found', () => {
  expect(shown(['<a>', '<a>b', 'b<'], 'x<a>b<a>', () => false)).toBe('x[<a>b][<a>]');
});

test('without special tokens nothing is found', () => {
  expect(shownMarked([], specialText([]).escapeContent('<a>', MARK))).toBe('<a>');
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
        const { escapeContent } = specialText(specials);
        for (const written of [(text: string) => text, (text: string) => text.trim()]) {
          const got = shownMarked(specials, before + written(escapeContent(inside, MARK)) + after);
          const apart = [before, after].map((text) => shown(specials, text, () => false));
          expect(got).toBe(apart[0] + written(inside) + apart[1]);
        }
      },
    ),
    { numRuns: 3000 },
  );
});
