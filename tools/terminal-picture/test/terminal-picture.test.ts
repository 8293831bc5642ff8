import { expect, test } from 'vitest';
import { PLAIN } from '../src/ansi.ts';
import { screenOf } from '../src/screen.ts';
import { terminalSvg } from '../src/svg.ts';

const plain = (text: string) => ({ ...PLAIN, text });
const seen = (recorded: string, columns?: number) =>
  screenOf(recorded, columns).map((line) => line.map(({ text }) => text).join(''));

test('reads looks, over a line’s end too', () => {
  expect(screenOf('a\u001b[32m\u001b[4mb\u001b[24m\nc\u001b[39md')).toEqual([
    [plain('a'), { ...PLAIN, text: 'b', underline: true, colour: 'green' }],
    [{ ...PLAIN, text: 'c', colour: 'green' }, plain('d')],
  ]);
});

test.each([
  ['a line editor’s prompt and its echo', '\u001b[1G\u001b[0J> \u001b[3Ghello\r\nbye', ['> hello', 'bye']],
  ['what is drawn over', 'preparing 50 %\r\u001b[Kdone', ['done']],
  ['letters taken back', 'ab\b\bx', ['xb']],
  ['lines that `script` adds', 'Script started on today\r\na\r\nScript done on today\r\n', ['a', '']],
])('shows what is left of %s', (_, recorded, lines) => {
  expect(seen(recorded)).toEqual(lines);
});

test('breaks lines where the terminal would', () => {
  expect(seen('abcdef\nxy', 4)).toEqual(['abcd', 'ef', 'xy']);
});

test.each([
  ['\u001b[38m', 'got 38'],
  ['a\u001b[2A', 'got "\\u001b[2A" at 1'],
  ['\u001b]0;title\u0007', 'at 0'],
])('refuses what it could not draw: %j', (recorded, message) => {
  expect(() => screenOf(recorded)).toThrow(message);
});

test('puts every run into its column, and escapes it', () => {
  const svg = terminalSvg(screenOf('  a < \u001b[33mb\u001b[39m'), 'x & y');
  expect(svg).toContain(
    '<text x="40.8" y="55" textLength="25.2" lengthAdjust="spacingAndGlyphs">a &lt;</text>',
  );
  expect(svg).toContain(
    '<text x="74.4" y="55" textLength="8.4" lengthAdjust="spacingAndGlyphs" fill="#e3b341">b</text>',
  );
  expect(svg).toContain('aria-label="x &amp; y"');
});
