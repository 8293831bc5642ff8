import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { finalNumber, problemOf, readQuestions } from '../src/gsm8k.ts';

const folder = await mkdtemp(join(tmpdir(), 'judge-gsm8k-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each([
  ['She makes $9 * 2 = $18 a day: \\(\\boxed{18}\\).', '18'],
  ['\\boxed{3} bolts, no, \\boxed{4} bolts of 7', '4'],
  ['It is \\boxed{\\$70,000.00}', '70000'],
  ['\\boxed{\\text{12}}', '12'],
  ['so 5 + 6 = 11.', '11'],
  ['a loss of -3', '-3'],
  ['\\boxed{2.50}', '2.5'],
  ['I cannot say.', undefined],
])('%j comes to %s', (solution, number) => {
  expect(finalNumber(solution)).toBe(number);
});

async function fileOf(...lines: readonly string[]): Promise<string> {
  const path = join(folder, `${Math.random()}.jsonl`);
  await writeFile(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const line = (answer: string) => JSON.stringify({ question: 'How many?', answer });

test('questions come in order, with their numbers', async () => {
  const path = await fileOf(line('<<1+1=2>>2\n#### 2'), line('#### 1,234'), line('#### 5'));
  expect(await readQuestions(path, 2)).toEqual([
    { id: 'gsm8k/test/0', question: 'How many?', answer: '2' },
    { id: 'gsm8k/test/1', question: 'How many?', answer: '1234' },
  ]);
});

test.each([
  ['too few', [line('#### 2')], 2, 'invalid-file'],
  ['no JSON', ['{'], 1, 'invalid-file'],
  ['null', ['null'], 1, 'invalid-file'],
  ['no number', [line('two')], 1, 'invalid-file'],
])('a file with %s is refused', async (_, lines, count, code) => {
  const path = await fileOf(...lines);
  await expect(readQuestions(path, count)).rejects.toMatchObject({ code });
});

test('a file that is not there is refused', async () => {
  await expect(readQuestions(join(folder, 'none.jsonl'), 1)).rejects.toMatchObject({ code: 'not-found' });
});

test('a solution is graded by its number', () => {
  const problem = problemOf(
    { id: 'a', question: 'How many?', answer: '18' },
    {
      encodeChat: ([message]) => [...message!.content].map((_, index) => index),
      decode: (ids) => (ids[0] === 1 ? 'so \\boxed{18}' : 'so \\boxed{19}'),
    },
  );
  expect([problem.grade([1]), problem.grade([2])]).toEqual([true, false]);
});
