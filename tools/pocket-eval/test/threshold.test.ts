import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { JudgeDecodingError, type JudgeHead, NO_STATS, readHead, writeHead } from '@judge-decoding/core';
import { hashTokens, RESULT_VERSION, type Row } from '@judge-decoding/eval';
import { afterAll, expect, test, vi } from 'vitest';
import { chooseThreshold, takeChosen } from '../src/threshold.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-threshold-'));
afterAll(() => rm(root, { recursive: true, force: true }));
vi.spyOn(process.stderr, 'write').mockReturnValue(true);

const HEAD: JudgeHead = {
  terms: [{ layer: 'last', state: 'pre-norm', row: 'own', weights: Float32Array.of(1, 2) }],
  bias: 0,
  threshold: 0.5,
  hiddenSize: 2,
  provenance: {
    model: 'made up',
    fingerprint: { architecture: 'a', tokenizer: 'b', weights: 'c' },
    dtype: 'fp32',
    data: 'made up',
    metrics: { 'ROC-AUC': 0.9, 'recall at mismatches': 0.8 },
    calibration: [],
  },
};

/** A hundred problems of two domains: the target fails the first, and each arm of its own those given. */
async function measured(name: string, arms: Readonly<Record<string, readonly number[]>>) {
  const results = join(root, name);
  await mkdir(results);
  const settings = { version: RESULT_VERSION, fixed: {}, arms: [], runs: [] };
  await writeFile(join(results, 'args.json'), JSON.stringify(settings));
  const row = (arm: string, problem: number, correct: boolean): Row => ({
    arm,
    problem: String(problem),
    domain: problem < 50 ? 'words' : 'lists',
    draftLength: 16,
    repeat: 0,
    correct,
    finish: 'end',
    tokens: [1],
    hash: hashTokens([1]),
    milliseconds: 1,
    stats: { ...NO_STATS, generations: 1, rounds: 1, drafted: 16, accepted: 8, acceptedHistogram: [] },
  });
  const rows = Array.from({ length: 100 }, (_, problem) => [
    row('plain', problem, problem !== 0),
    ...Object.entries(arms).map(([arm, wrong]) => row(arm, problem, !wrong.includes(problem))),
  ]).flat();
  await writeFile(join(results, 'runs.jsonl'), rows.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const headFile = join(root, `${name}.safetensors`);
  await writeFile(headFile, writeHead(HEAD));
  const choose = (mostLost: number) => chooseThreshold({ results, headFile, mostLost });
  const head = async () => readHead(await readFile(headFile));
  return { choose, head };
}

test('the lowest threshold that loses few enough of what the target had right', async () => {
  // what the target fails, too, is not lost
  const arms = { 'judge:0.9': [0, 1, 2, 60], 'judge:0.99': [0, 3, 70], 'judge:0.999': [0] };
  const { choose, head } = await measured('lowest', arms);
  await choose(0.02);
  expect((await head()).threshold).toBe(0.99);
  await choose(0.03);
  expect((await head()).threshold).toBe(0.9);
  await choose(0);
  expect((await head()).threshold).toBe(0.999);
  // figures of another threshold go, others stay
  expect((await head()).provenance.metrics).toEqual({ 'ROC-AUC': 0.9 });
});

test('where none does, it says so and leaves the head alone', async () => {
  const { choose, head } = await measured('none', { 'judge:0.9': [1, 2, 60] });
  await expect(choose(0.02)).rejects.toSatisfy(
    (error) => JudgeDecodingError.is(error, 'invalid-input') && /found none/.test(error.message),
  );
  expect((await head()).threshold).toBe(0.5);
});

test('takes the thresholds that the training of the pair chose, and forgets what held at the one before', async () => {
  const folder = join(root, 'chosen');
  await mkdir(folder);
  const file = join(folder, 'thresholds.json');
  await writeFile(file, JSON.stringify({ chosen: { 'pre-norm': 0.75, elsewhere: 0.5 } }));
  await expect(takeChosen(file, folder)).rejects.toThrow('Expected one of pre-norm, elsewhere');
  const measured = [{ dtype: 'int8', threshold: 0.5, metrics: {}, calibration: [] }];
  const headFile = join(folder, 'pre-norm.safetensors');
  await writeFile(headFile, writeHead({ ...HEAD, provenance: { ...HEAD.provenance, measured } }));
  await takeChosen(file, folder);
  const head = readHead(await readFile(headFile));
  expect(head.threshold).toBe(0.75);
  expect(head.provenance.measured).toBeUndefined();
  expect(Object.keys(head.provenance.metrics)).toEqual(['ROC-AUC']);
});
