import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NO_STATS } from '@judge-decoding/core';
import { hashTokens, openRows, type Row } from '@judge-decoding/eval';
import { afterAll, expect, test } from 'vitest';
import { reportOf } from '../src/report.ts';
import { describe } from '../src/settings.ts';

const folder = await mkdtemp(join(tmpdir(), 'judge-report-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const settings = {
  target: 'big',
  draft: 'small',
  targetWeights: 'a',
  draftWeights: 'b',
  exact: true,
  targetDtype: 'int8',
  draftDtype: 'int8',
  draftLength: 16,
  maxTokens: 400,
};

function row(arm: string, problem: string, tokens: readonly number[], correct: boolean): Row {
  const draftLength = arm === 'target' ? 0 : 16;
  const stats = { ...NO_STATS, generations: 1, rounds: 2, accepted: 3, recovered: 1, committed: 4 };
  const of = { domain: 'gsm8k', repeat: 0, finish: 'end', milliseconds: 1, stats } as const;
  return { arm, problem, draftLength, correct, tokens, hash: hashTokens(tokens), ...of };
}

test('rows become a line of the table, beside the trial', async () => {
  const sink = await openRows(folder);
  await sink.append(row('target', '0', [1, 2], true));
  await sink.append(row('target', '1', [3], false));
  await sink.append(row('topk:2', '0', [1, 9], false));
  await sink.append(row('topk:2', '1', [3], false));
  await describe(folder, settings);
  const divergence = { arm: 'strict', draftLength: 16, problem: 'q', position: 7, expected: 1, got: 2 };
  const divergences = [{ ...divergence, gap: 0.0123, allowed: 0.02, excused: true }];
  const equality = [{ arm: 'strict', reference: 'target', compared: 20, divergences }];
  await writeFile(join(folder, 'equality.json'), JSON.stringify(equality));
  const report = await reportOf(folder);
  expect(report).toContain(
    'Target big (run as int8), draft small (int8), passes exact, draft length 16, at most 400 tokens.',
  );
  expect(report).toContain(
    '| `topk:2` | 2 | 1.50 | 2.00 | 0 | 0.0 % to 65.8 % | 1, 0 | 1 of 2 | 0 | 13.01 | 42.3 % |',
  );
  expect(report).toContain(
    "`strict` wrote the target's own text on 19 of 20 questions, 1 near ties excused, 0 not.",
  );
  expect(report).toContain('- q, token 7: 2 instead of 1, gap 0.012 of a deviation (excused under 0.02)');
});

test('rows of other settings are refused, another run and a head are not', async () => {
  const other = join(folder, 'other');
  await describe(other, settings);
  await describe(other, { ...settings, head: 'one' });
  await describe(other, settings);
  await expect(describe(other, { ...settings, maxTokens: 256 })).rejects.toMatchObject({ code: 'mismatch' });
  await expect(describe(other, { ...settings, head: 'two' })).rejects.toMatchObject({ code: 'mismatch' });
});
