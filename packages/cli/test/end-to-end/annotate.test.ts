import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DataSetRow, parseDataSet, rowLine } from '@judge-decoding/train/data-set';
import { expect, test } from 'vitest';
import { runJudge } from '../run-judge.ts';

const folder = await mkdtemp(join(tmpdir(), 'judge-annotate-'));
const row = (id: string, wrong: string): DataSetRow => ({
  version: 1,
  id,
  domain: 'sums',
  question: `What is ${id}?`,
  correct: 'It is 5.',
  wrong,
  provenance: { wrong: 'a model' },
});

async function fresh(name: string): Promise<string> {
  const file = join(folder, `${name}.jsonl`);
  await writeFile(
    file,
    [row('2 + 3', 'It is six.'), row('1 + 4', 'It is five.'), row('9', 'Nine.')].map(rowLine).join(''),
  );
  return file;
}
const decisionsIn = async (file: string) =>
  parseDataSet(await readFile(file, 'utf8'), file).map(({ annotations = [] }) =>
    annotations.map(({ annotator, decision, mistakes }) => [annotator, decision, mistakes?.[0]?.start]),
  );

test('marks, skips, undoes and leaves; what was decided is saved, and it goes on there', async () => {
  const file = await fresh('one');
  // the third word is wrong; correct, undone, skipped; leave
  const { code, out } = await runJudge(['annotate', file, '--annotator', 'ann'], { input: 'llmcusq' });
  expect(code).toBe(0);
  expect(out).toContain('What is 2 + 3?');
  expect(out).toContain('2 decisions by ann: 1 mistake, 0 correct, 1 skipped');
  expect(await decisionsIn(file)).toEqual([[['ann', 'mistake', 5]], [['ann', 'skip', undefined]], []]);
  const again = await runJudge(['annotate', file, '--annotator', 'ann'], { input: 'nodd\rf' });
  expect(again.out).not.toContain('What is 2 + 3?');
  expect(again.out).toContain('0 of 3 left');
  expect(parseDataSet(await readFile(file, 'utf8'), file)[2]!.annotations![0]).toMatchObject({
    decision: 'flag',
    note: 'odd',
  });
});

test('several people mark one file, and judge train check says how they agree', async () => {
  const file = await fresh('two');
  await runJudge(['annotate', file, '--annotator', 'ann'], { input: 'llmcm' });
  await runJudge(['annotate', file, '--annotator', 'bob', '--blind'], { input: 'llmcc' });
  const { code, out } = await runJudge(['train', 'check', file]);
  expect(code).toBe(0);
  expect(out).toContain('3 rows, 3 with both answers, 1 to be marked');
  expect(out).toMatch(/ann and bob: 3 rows, kappa 0\.40, the same decision 67 %, the same place 100 % of 1/);
});

test('arrow keys come as the terminal sends them', async () => {
  const file = await fresh('arrows');
  await runJudge(['annotate', file, '--annotator', 'ann'], { input: '\u001b[C\u001b[C\u001b[D\rq' });
  expect((await decisionsIn(file))[0]).toEqual([['ann', 'mistake', 2]]);
});

test.each([
  ['a broken line', 'x{', 'is not JSON'],
  [
    'a span outside',
    rowLine({ ...row('a', 'x'), mistakes: [{ start: 0, end: 9 }] }),
    '`wrong` has 1 characters',
  ],
])('judge train check names file, line and reason of %s', async (_, line, reason) => {
  const file = join(folder, 'broken.jsonl');
  await writeFile(file, `${rowLine(row('b', 'y'))}${line}`);
  const { code, out } = await runJudge(['train', 'check', file]);
  expect(code).toBe(3);
  expect(out).toContain(`${file}:2`);
  expect(out).toContain(reason);
  const refused = await runJudge(['annotate', file, '--annotator', 'ann'], { input: 'm' });
  expect(refused.code).toBe(3);
  expect(refused.err).toContain(`${file}:2`);
});

test.each([
  [['annotate', 'nowhere.jsonl', '--annotator', 'a'], 3, 'nowhere.jsonl'],
  [['train', 'check', 'nowhere.jsonl'], 3, 'nowhere.jsonl'],
  [['train', 'run', '--label', 'guess'], 2, 'exact, equivalence, likelihood, people'],
  [['train', 'run', '--label', 'people'], 2, 'judge annotate'],
  [['train', 'run', '--like', 'labels'], 2, '--label is likelihood'],
  [['train', 'run', '--label', 'likelihood', '--compare', 'grade'], 2, 'text or choices'],
  [['train', 'run', '--label', 'exact', '--questions', 'q.jsonl'], 2, 'equivalence, likelihood or people'],
  [['train', 'answers', '--from', 'me', '--out', 'x.jsonl'], 2, 'draft, target and endpoint'],
  [['train', 'import', 'head.pkl', '--out', 'x', '--polarity', 'maybe'], 2, 'correct or important'],
  [['train', 'import', 'head.pkl', '--out', 'x'], 3, 'head.pkl'],
])('%j is refused with code %i', async (argv, code, says) => {
  const run = await runJudge(argv as string[]);
  expect(run.code).toBe(code);
  expect(run.err).toContain(says);
});
