import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runJudge } from '../run-judge.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-pages-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('the playground is served until Ctrl-C', async () => {
  const { code, out } = await runJudge(['playground', '--port', '0'], { interruptAfter: 1 });
  expect([code, out]).toEqual([130, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\n$/)]);
});

test('what is no trace is refused before a page is opened', async () => {
  const trace = join(folder, 'trace.json');
  await writeFile(trace, '{"format":"judge-decoding.trace","version":1}');
  const { code, out, err } = await runJudge(['playground', trace]);
  expect([code, out, err]).toEqual([3, '', expect.stringContaining('of version 1, this reader knows')]);
});

test('the annotator is served until Ctrl-C, for a data set that is one', async () => {
  const file = join(folder, 'set.jsonl');
  await writeFile(file, '{"version":7}\n');
  const refused = await runJudge(['annotate', file, '--page', '--port', '0']);
  expect([refused.code, refused.out]).toEqual([3, '']);
  expect(refused.err).toContain('`version` is 7');
  const row = { version: 1, id: 'a', domain: 'd', question: 'q', wrong: 'w', provenance: {} };
  await writeFile(file, `${JSON.stringify(row)}\n`);
  const { code, out } = await runJudge(['annotate', file, '--page', '--port', '0'], { interruptAfter: 1 });
  expect([code, out]).toEqual([130, expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\n$/)]);
});
