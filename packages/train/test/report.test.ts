import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toyModel } from '@judge-decoding/backend-contract';
import { logitOf, readHead } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import { curvesOf, expectedLoss } from '../src/fit/curves.ts';
import { chooseThreshold } from '../src/fit/threshold.ts';
import {
  ablations,
  fitHeads,
  rocAuc,
  splitFeatures,
  type TrainReport,
  writeTrainReport,
} from '../src/index.ts';
import { madeUpFeatures } from './made-up-features.ts';

const logits = Float64Array.from([3, 2, 1, 0, -1, -2]);
const correct = Uint8Array.from([1, 1, 0, 1, 0, 0]);

test('the ROC curve’s area is the AUC, and it ends in both corners', () => {
  const { roc, histogram, reliability } = curvesOf(logits, { correct });
  let sum = 0;
  for (let i = 1; i < roc.length; i++)
    sum +=
      ((roc[i]!.wrongAdmitted - roc[i - 1]!.wrongAdmitted) *
        (roc[i]!.correctAdmitted + roc[i - 1]!.correctAdmitted)) /
      2;
  expect(sum).toBeCloseTo(rocAuc(logits, correct), 12);
  expect(roc[0]).toMatchObject({ wrongAdmitted: 0, correctAdmitted: 0 });
  expect(roc.at(-1)).toMatchObject({ wrongAdmitted: 1, correctAdmitted: 1 });
  expect(histogram.reduce((all, bin) => all + bin.correct + bin.wrong, 0)).toBe(6);
  expect(reliability.reduce((all, group) => all + group.tokens, 0)).toBe(6);
});

test('what a threshold may cost is counted by tokens and by answers', () => {
  const answerOf = Int32Array.from([0, 0, 1, 1, 1, 2]);
  const loss = expectedLoss(logits, correct, answerOf, 4, 0.2);
  // above -1.39: tokens 0 to 4, of which 2 and 4 are wrong, both of answer 1
  expect(loss.byTokens.share).toBeCloseTo(2 / 6, 12);
  expect(loss.byAnswers.share).toBeCloseTo(1 / 4, 12);
  expect(loss.byAnswers.low).toBeLessThan(1 / 4);
  expect(loss.byAnswers.high).toBeGreaterThan(1 / 4);
});

test.each([
  [{ leastWrongStopped: 2 / 3 }, -1],
  [{ mostWrong: 1 / 6 }, -1],
  [{ mostWrong: 0 }, 1],
] as const)('the threshold of %j is the least that keeps to it', (rule, cut) => {
  expect(logitOf(chooseThreshold({ logits, correct }, rule))).toBeCloseTo(cut, 4);
});

describe('a training', async () => {
  const set = madeUpFeatures({ name: 'report', problems: 200 });
  const { train, calibration, heldOut } = splitFeatures(set);
  const model = { ...toyModel({ seed: 1, hidden: 12 }).info, hiddenSize: 12 };

  test('deals problems out whole, and every token once', () => {
    const parts = [train, calibration, heldOut];
    const problems = parts.map(({ solutions }) => new Set(solutions.map(({ problem }) => problem)));
    expect(problems.reduce((sum, some) => sum + some.size, 0)).toBe(200);
    for (const problem of problems[0]!)
      expect(problems[1]!.has(problem) || problems[2]!.has(problem)).toBe(false);
    const labelled = (some: typeof set) => some.columns.correct.filter((label) => label >= 0).length;
    expect(parts.reduce((sum, part) => sum + labelled(part), 0)).toBe(labelled(set));
    expect(splitFeatures(set, { seed: 1 }).train.solutions).not.toEqual(train.solutions);
  });

  test('ends in heads, a card, a page, CSV and JSON that say the same', async () => {
    const fit = await fitHeads({ train, calibration, heldOut, model, recipe: 'logistic', shuffledHeads: 2 });
    const compared = await ablations({ train, heldOut, groups: ['norm', 'row', 'data'], sizes: [200, 1000] });
    const report: TrainReport = {
      title: 'Heads for <a toy>',
      facts: [['labels', 'made up']],
      fit,
      ablations: compared,
      notes: ['Nothing at all.'],
    };
    const folder = await mkdtemp(join(tmpdir(), 'judge-report-'));
    await writeTrainReport(report, folder);
    const names = await readdir(folder);
    expect(names.sort()).toEqual([
      'README.md',
      'post-norm.safetensors',
      'pre-norm-and-previous.safetensors',
      'pre-norm.safetensors',
      'report.csv',
      'report.html',
      'report.json',
    ]);
    const text = (name: string) => readFile(join(folder, name), 'utf8');
    const auc = fit.heads[0]!.auc.auc;
    expect(auc).toBeGreaterThan(0.8);
    for (const name of ['README.md', 'report.html']) expect(await text(name)).toContain(auc.toFixed(3));
    const html = await text('report.html');
    expect(html).toContain('Heads for &lt;a toy&gt;');
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    expect(html).toContain('Learning curve');
    expect(JSON.parse(await text('report.json')).heads[0].auc.auc).toBe(auc);
    expect((await text('report.csv')).split('\n')[1]).toContain(String(Number(auc.toPrecision(8))));
    expect(readHead(await readFile(join(folder, 'pre-norm.safetensors')))).toEqual(fit.heads[0]!.head);
    // the same report gives the same bytes
    await writeTrainReport(report, folder);
    expect(await text('report.html')).toBe(html);
  });
});
