import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDataSet, rowLine, withAnnotation } from '@judge-decoding/train/data-set';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
let questions: string;
beforeAll(async () => {
  pair = await tinyPair();
  questions = join(pair.folder, 'questions.jsonl');
  const lines = Array.from({ length: 6 }, (_, i) => JSON.stringify({ question: `${i}+1?`, answer: `${i}` }));
  await writeFile(questions, lines.join('\n'));
});
afterAll(() => pair.dispose());

const answers = (file: string, ...more: readonly string[]) =>
  runJudge(
    ['train', 'answers', '--target', pair.target, '--draft', pair.draft, '--questions', questions].concat(
      ['--max-tokens', '8', '--out', file],
      more,
    ),
    { env: pair.env },
  );
const rowsIn = async (file: string) => parseDataSet(await readFile(file, 'utf8'), file);

/** The third answer marked by somebody. */
async function mark(file: string): Promise<void> {
  const rows = (await rowsIn(file)).map((row, i) =>
    i === 2 ? withAnnotation(row, { annotator: 'ann', decision: 'correct' }) : row,
  );
  await writeFile(file, rows.map(rowLine).join(''));
}

test('more questions come to what was answered and marked before', async () => {
  const file = join(pair.folder, 'growing.jsonl');
  const some = await answers(file, '--count', '4');
  expect(some.code, some.err).toBe(0);
  const before = await rowsIn(file);
  await mark(file);
  const more = await answers(file);
  expect(more.code, more.err).toBe(0);
  const rows = await rowsIn(file);
  expect(rows).toHaveLength(6);
  expect(rows[2]!.annotations).toEqual([{ annotator: 'ann', decision: 'correct' }]);
  for (const [i, { wrong, correct }] of before.entries()) expect(rows[i]).toMatchObject({ wrong, correct });
});

test('marks on answers that are others now are not written over', async () => {
  const file = join(pair.folder, 'marked.jsonl');
  await answers(file);
  await mark(file);
  const before = await readFile(file, 'utf8');
  const other = await answers(file, '--seed', '7', '--work', join(pair.folder, 'other'));
  expect(other.code).toBe(4);
  expect(other.err).toContain((await rowsIn(file))[2]!.id);
  expect(await readFile(file, 'utf8')).toBe(before);
});

test('a file of another kind is not written over: said before any work', async () => {
  const before = await readFile(questions, 'utf8');
  const { code, err } = await answers(questions);
  expect(code).toBe(3);
  expect(err).toContain('would not write over');
  expect(await readFile(questions, 'utf8')).toBe(before);
});
