import { expect, test } from 'vitest';
import { eachItem, type Run } from '../src/run.ts';
import { outcomeOf, ranToEnd } from '../src/sanitizer.ts';
import { libraryOf } from '../src/tool.ts';

const race = (place: string) =>
  `========= Error: Race reported between Write access at void jc::<unnamed>::${place}(const jc::ProductArgs &)+0x1e80`;

test.each([
  ['nothing found', 0, [], 'clean'],
  [
    'races at the explained place alone',
    99,
    [race('store_part<1, 1>'), race('store_part<2, 1>')],
    'explained',
  ],
  ['another race beside them', 99, [race('store_part<1, 1>'), race('attend<64>')], 'errors'],
  ['what is no race', 99, ['========= Invalid __global__ read of size 4 bytes'], 'errors'],
])('%s', (_, status, lines, outcome) => {
  expect(outcomeOf(status as number, lines as string[])).toBe(outcome);
});

test.each([
  ['all of it', 0, [{ broken: [] }, {}], true],
  ['all of it, and a tool that found something', 99, [{}], true],
  ['a program that failed', 1, [{}], false],
  ['one that was killed', null, [{}], false],
  ['nothing at all', 0, [], false],
  ['a model that was refused', 0, [{ refused: 'six heads' }], false],
  [
    'a model that failed under the tool',
    0,
    [{ broken: [{ id: 'truncate/range', detail: 'failed' }] }],
    false,
  ],
])('ran to its end: %s', (_, status, done, is) => {
  expect(ranToEnd(status as number | null, done)).toBe(is);
});

test('an item that fails is told, the others are done, and the failure ends the part', async () => {
  const [done, said]: [string[], string[]] = [[], []];
  const run = {
    store: { has: () => false, put: async (name: string) => void done.push(name) },
    deadline: Number.POSITIVE_INFINITY,
    asks: () => true,
    say: (line: string) => void said.push(line),
  } as unknown as Run;
  const items = ['a', 'b', 'c'].map((name) => ({ name, item: name }));
  const work = async (item: string) => {
    if (item === 'b') throw new Error('no room');
  };
  await expect(eachItem(run, items, work)).rejects.toThrow('no room');
  expect(done).toEqual(['a', 'c']);
  expect(said[1]).toMatch(/^b: failed after .* s: no room$/);
});

test.each([
  [
    ['rows', '--library', 'a.so', '--quick'],
    ['--library', 'a.so'],
  ],
  [['rows', '--library=a.so', '--quick'], ['--library=a.so']],
  [['rows', '--quick'], []],
])('a program under a tool is given the library of this one: %j', (argv, given) => {
  expect(libraryOf(argv)).toEqual(given);
});
