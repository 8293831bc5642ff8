import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flow } from '../../src/render/flow.ts';
import { withoutColour } from '../../src/render/paint.ts';
import { padded, seenWidth, shortened } from '../../src/render/width.ts';
import { hanging, joinWithin, wrap } from '../../src/render/wrap.ts';
import { screenOf } from '../screen.ts';

const WORDS = [
  'a',
  'tokens',
  'accepted',
  '模型',
  '👩‍🔬',
  '🇯🇵',
  'ドラフト',
  'é',
  'naïve',
  '7.',
  '\u001b[32mgreen\u001b[39m',
];
const text = fc
  .array(fc.constantFrom(...WORDS), { minLength: 1, maxLength: 40 })
  .map((words) => words.join(' '));
const width = fc.integer({ min: 10, max: 120 });

test('no line is wider than asked, and nothing is lost', () => {
  fc.assert(
    fc.property(text, width, (said, columns) => {
      const lines = wrap(said, columns);
      for (const line of lines) expect(seenWidth(line)).toBeLessThanOrEqual(columns);
      const bare = (line: string) => withoutColour(line).replace(/\s/g, '');
      expect(bare(lines.join(''))).toBe(bare(said));
    }),
  );
});

test.each([
  ['beside', 'ok  ', 'one two three four five six', 30, ['ok  one two three four five', '    six']],
  [
    'set in by less',
    'one two three  ',
    'four five six seven',
    28,
    ['one two three  four five six', '  seven'],
    2,
  ],
  [
    'below, where little room is left',
    'a-long-name-of-a-flag  ',
    'what it is',
    30,
    ['a-long-name-of-a-flag', '  what it is'],
  ],
  [
    'below and further in, where it was set in itself',
    '  a-long-name-of-a-rule  ',
    'what it is',
    30,
    ['  a-long-name-of-a-rule', '    what it is'],
  ],
  [
    'below, where a word has no room',
    'ok    pocket pair     ',
    '/a/rather/long/path/to/it',
    46,
    ['ok    pocket pair', '  /a/rather/long/path/to/it'],
  ],
])('what hangs stands %s', (_, first, said, columns, lines, indent?: number) => {
  expect(hanging(first, said, columns, indent)).toEqual(lines);
});

test('parts are joined while they fit, by what is seen of them', () => {
  expect(joinWithin(['模型模型', '模型', 'x'], ' · ', 15)).toEqual(['模型模型 · 模型', 'x']);
});

test.each([
  ['模型', 6, '模型  '],
  ['👩‍🔬', 3, '👩‍🔬 '],
  ['longer', 3, 'longer'],
])('%s is filled up to %d columns', (said, columns, filled) => {
  expect(padded(said, columns)).toBe(filled);
});

test.each([
  ['模型与草稿', 7, '模型与…'],
  ['ab👩‍🔬cd', 4, 'ab…'],
  ['fits', 4, 'fits'],
])('%s is cut to %d columns', (said, columns, cut) => {
  expect(shortened(said, columns)).toBe(cut);
});

/** Pieces as a tokenizer makes them: anywhere between two code points. */
const pieces = (said: string) =>
  fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1 }).map((sizes) => {
    const points = [...said];
    const cut: string[] = [];
    for (let at = 0, i = 0; at < points.length; at += sizes[i++ % sizes.length]!) {
      cut.push(points.slice(at, at + sizes[i % sizes.length]!).join(''));
    }
    return cut;
  });

test('streamed text is broken alike however it is cut, and never by the terminal', async () => {
  const plain = fc.array(fc.constantFrom(...WORDS.slice(0, -1)), { minLength: 1, maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      plain.map((words) => words.join(' ')).chain((said) => fc.tuple(fc.constant(said), pieces(said))),
      fc.integer({ min: 12, max: 60 }),
      async ([said, cut], columns) => {
        const streamed = (parts: readonly string[]) => {
          let out = '';
          const { write, end } = flow(
            (piece) => {
              out += piece;
            },
            columns,
            { indent: '  ' },
          );
          for (const part of parts) write(part);
          end();
          return out;
        };
        const out = streamed(cut);
        expect(out).toBe(streamed([said]));
        expect(out.replace(/\s/g, '')).toBe(said.replace(/\s/g, ''));
        for (const { rows } of await screenOf(out, columns)) expect(rows).toBe(1);
      },
    ),
    { numRuns: 60 },
  );
});

test('a tab reaches to the next stop, as on the terminal', async () => {
  let out = '';
  const { write, end } = flow((piece) => {
    out += piece;
  }, 40);
  for (const piece of ['all:\n\t\t\techo', ' one two', '\tthree four five\n', '\tsix']) write(piece);
  end();
  for (const { rows } of await screenOf(out, 40)) expect(rows).toBe(1);
  expect(out.replace(/\s+/g, ' ')).toBe('all: echo one two three four five six');
});

test('a program between fences is left as it is', () => {
  const program = '```js\nconst aRatherLongName = anotherLongName + yetAnotherLongName;\n```\n';
  let out = '';
  const { write, end } = flow((piece) => {
    out += piece;
  }, 20);
  for (const piece of `Here it is, as you asked:\n${program}and some more words`.split(/(?<= )/))
    write(piece);
  end();
  expect(out).toBe(`Here it is, as you\nasked:\n${program}and some more words`);
});
