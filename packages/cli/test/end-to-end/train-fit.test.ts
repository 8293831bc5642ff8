import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { targetFolder } from '@judge-decoding/pocket-pair';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KeptModels, keptModels } from '../kept-models.ts';
import { runJudge as runJudgeFresh } from '../run-judge.ts';

/** Fits heads for the pocket pair itself, as a user would, on the fewest problems with a wrong token. */
let kept: KeptModels;
let folder: string;
beforeAll(async () => {
  kept = keptModels();
  folder = await mkdtemp(join(tmpdir(), 'judge-fit-'));
});
afterAll(async () => {
  await kept.dispose();
  await rm(folder, { recursive: true, force: true });
});

const runJudge = (...argv: readonly string[]) =>
  runJudgeFresh(argv, { env: { JUDGE_CACHE: join(folder, 'cache') }, backends: kept.backends });
const fit = (problems: string, out: string, work = 'work') =>
  runJudge('train', 'fit', '--problems', problems, '--out', join(folder, out), '--work', join(folder, work));

test('judge train fit writes heads that judge generate reads, and goes on from its work', async () => {
  const { code, out, err } = await fit('18', 'heads');
  expect(code, err).toBe(0);
  const files = ['pre-norm', 'post-norm', 'pre-norm-and-previous'].map((name) =>
    join(folder, 'heads', `${name}.safetensors`),
  );
  expect(out.split('\n')).toEqual([...files, '']);
  expect(err).toMatch(/^head +threshold +AUC +wrong stopped +right stopped$/m);
  expect(err).toMatch(/^pre-norm +0\.\d{4} +[01]\.\d{3} +100\.0 % +\d+\.\d %$/m);
  expect(err).toMatch(/on the calibration problems: \d+ tokens, [1-9]\d* of them wrong/);
  expect(err).toMatch(/Only .* wrong tokens? chose the thresholds.*--problems \d+0/);

  const [head] = files;
  const shown = await runJudge('inspect', head!);
  expect(shown.out).toContain('target (fp32), hidden size 384');
  const problem = (await runJudge('problems', '--index', '27')).out.trim();
  const judged = JSON.parse(
    (await runJudge('generate', problem, '--head', head!, '--threshold', '0.5', '--json')).out,
  );
  expect(judged.statistics.acceptedBySource.judge).toBeGreaterThan(0);
  expect(judged.text).toContain('####');

  const again = await fit('18', 'again');
  expect(again.code, again.err).toBe(0);
  expect(await readFile(join(folder, 'again', 'pre-norm.safetensors'))).toEqual(await readFile(head!));

  const other = await fit('17', 'other');
  expect(other.code).toBe(4);
  expect(other.err).toContain('was begun with other settings (problems.count: 18 there, 17 now');
});

test('without a wrong token there is nothing to learn, and more problems are asked for', async () => {
  // what is its own draft, greedily, writes nothing that it would reject
  const itself = ['--target', targetFolder, '--draft', targetFolder];
  const three = ['--problems', '3', '--out', join(folder, 'three')];
  const { code, err } = await runJudge('train', 'fit', ...itself, ...three);
  expect(code).toBe(2);
  expect(err).toMatch(/found none in the texts of 3 \w+ problems\. Ask for more: --problems \d+0, say/);
});

test('too few wrong tokens to fit on name the flag that brings more', async () => {
  const { code, err } = await fit('5', 'five', 'work-of-five');
  expect(code).toBe(2);
  expect(err.replaceAll(/\s+/g, ' ')).toMatch(
    /got \d+ correct and 0 wrong ones\. Ask for more: --problems \d+0, say/,
  );
});
