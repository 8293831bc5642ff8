import { expect, test } from 'vitest';
import { parseAnsi } from '../src/ansi.ts';
import { terminalSvg } from '../src/svg.ts';

const plain = { bold: false, dim: false, underline: false, colour: undefined };

test('reads looks, over a line’s end too', () => {
  expect(parseAnsi('a\u001b[32m\u001b[4mb\u001b[24m\nc\u001b[39md')).toEqual([
    [
      { ...plain, text: 'a' },
      { ...plain, text: 'b', underline: true, colour: 'green' },
    ],
    [
      { ...plain, text: 'c', colour: 'green' },
      { ...plain, text: 'd' },
    ],
  ]);
});

test('refuses what it could not draw', () => {
  expect(() => parseAnsi('\u001b[38m')).toThrow('got 38');
});

test('puts every run into its column, and escapes it', () => {
  const svg = terminalSvg(parseAnsi('  a < \u001b[33mb\u001b[39m'), 'x & y');
  expect(svg).toContain(
    '<text x="40.8" y="55" textLength="25.2" lengthAdjust="spacingAndGlyphs">a &lt;</text>',
  );
  expect(svg).toContain(
    '<text x="74.4" y="55" textLength="8.4" lengthAdjust="spacingAndGlyphs" fill="#e3b341">b</text>',
  );
  expect(svg).toContain('aria-label="x &amp; y"');
});
