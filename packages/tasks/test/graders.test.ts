import { describe, expect, test } from 'vitest';
import { cutAt, fencedCode } from '../src/benchmarks/code-answer.ts';
import { parseCsv } from '../src/benchmarks/csv.ts';
import { chosenLetter, finalNumber, isNumber } from '../src/benchmarks/index.ts';

test.each([
  ['… so 5 + 4 = 9.\n#### 9', 9],
  ['#### 1,234', 1234],
  ['The final answer is 18', 18],
  ['The final answer is $18.00.', 18],
  ['The final answer is: $\\boxed{42}$', 42],
  ['so \\boxed{\\text{about } 7} it is', 7],
  ['The answer is 12 boats, of the 30 there were.', 12],
  ['The final answer is 3 * 4 = 12', 12],
  ['Answer: -5', -5],
  ['She has 5 left, and 3 more make 8', 8],
  ['#### 4\nWait, no.\n#### 5', 5],
  ['0.5', 0.5],
  ['no number', undefined],
  ['', undefined],
])('%j comes to %s', (text, number) => {
  expect(finalNumber(text)).toBe(number);
});

test.each([
  ['The final answer is 18.0', 18, true],
  ['The final answer is 0.30000000000000004', 0.3, true],
  ['The final answer is 18.1', 18, false],
  ['The final answer is 180', 18, false],
  ['nothing', 0, false],
])('%j against %d: %s', (text, gold, right) => {
  expect(isNumber(text, gold)).toBe(right);
});

test.each([
  ['The best answer is B', 4, 1],
  ['The best answer is (C).', 4, 2],
  ['The best answer is **D**', 4, 3],
  ['At first A seems right. The best answer is A. No: the best answer is B.', 4, 1],
  ['Answer: c', 4, 2],
  ['B', 4, 1],
  ['B. because boats float', 4, 1],
  ['(A)', 4, 0],
  ['It can only be (D), since the rest sink.', 4, 3],
  ['the correct answer is answer3', 4, 2],
  ['the correct answer is answer5', 4, undefined],
  ['Both (A) and (B) are possible', 4, undefined],
  ['The best answer is E', 4, undefined],
  ['A boat floats', 4, 0],
  ['Boats float', 4, undefined],
  ['The best answer is a boat', 4, 0],
  ['The best answer is about right', 4, undefined],
  ['', 4, undefined],
])('%j of %d names %s', (text, count, index) => {
  expect(chosenLetter(text, count)).toBe(index);
});

describe('programs in answers', () => {
  test.each([
    ['text\n```python\nx = 1\n```\nmore\n```\ny\n```', 'x = 1'],
    ['```\nx = 1\ny = 2', 'x = 1\ny = 2'],
    ['x = 1', 'x = 1'],
    ['```js\nlet a = `b`;\n```', 'let a = `b`;'],
  ])('%j is %j', (answer, code) => {
    expect(fencedCode(answer)).toBe(code);
  });

  test('a completion ends where the first mark stands', () => {
    expect(cutAt('  return 1\n}\n// test', ['\nfunction ', '\n//'])).toBe('  return 1\n}');
    expect(cutAt('  return 1', ['\n//'])).toBe('  return 1');
  });
});

describe('CSV', () => {
  test('quotes hold commas, line breaks and quotes; lines are counted', () => {
    const rows = parseCsv('a,"b, c"\r\n"d\ne","say ""f"""\n\ng,\n', 'f');
    expect(rows).toEqual([
      { cells: ['a', 'b, c'], line: 1 },
      { cells: ['d\ne', 'say "f"'], line: 2 },
      { cells: ['g', ''], line: 5 },
    ]);
  });

  test('an open quote is told by its line', () => {
    expect(() => parseCsv('a\n"b', 'f.csv')).toThrow(/f\.csv.*line 2/);
  });
});
