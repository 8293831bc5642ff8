import { expect, test } from 'vitest';
import { markdown } from '../src/merge.ts';
import type { PartFile } from '../src/store.ts';

const partOf = (part: string, items: Readonly<Record<string, unknown>>): PartFile => ({
  ...{ part, engine: 'aa', quick: false, environment: {} },
  items,
});

const textsOf = (pair: string | undefined, texts: number) => ({
  ...(pair === undefined ? {} : { pair }),
  ...{ dtype: 'bf16', texts, tokens: 10 * texts, differ: [], right: texts, accepted: 0.25 },
});

test('texts of two pairs are not added up', () => {
  const said = markdown([
    partOf('texts', {
      'bf16 0': textsOf(undefined, 250),
      'abc bf16 0': textsOf('abc', 50),
      'abc bf16 1': textsOf('abc', 50),
    }),
  ]);
  expect(said).toContain('| an earlier one | bf16 | 250 | 2,500 | 0 | 100.0 % | 25.0 % |');
  expect(said).toContain('| abc | bf16 | 100 | 1,000 | 0 | 100.0 % | 25.0 % |');
});

test('decisions of two pairs, or by two heads, are not added up either', () => {
  const replayOf = (pair: string | undefined, head: string | undefined, decisions: number) => ({
    ...(pair === undefined ? {} : { pair, head }),
    ...{ dtype: 'int8', by: 'cpu fp32', problems: 1, rounds: 2, decisions, differ: [] },
    ...{ scoreMean: 1e-3, scoreLargest: 1e-2 },
  });
  const said = markdown([
    partOf('replay', {
      'int8 0': replayOf(undefined, undefined, 5),
      'abc pre-norm int8 0': replayOf('abc', 'pre-norm', 7),
      'abc two int8 0': replayOf('abc', 'two', 9),
      'abc two int8 1': replayOf('abc', 'two', 11),
    }),
  ]);
  expect(said).toContain('| an earlier one | pre-norm | int8 | 1 | 2 | 5 |');
  expect(said).toContain('| abc | pre-norm | int8 | 1 | 2 | 7 |');
  expect(said).toContain('| abc | two | int8 | 2 | 4 | 20 |');
});
