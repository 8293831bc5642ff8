import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toyPair } from '@judge-decoding/backend-contract';
import type { Model, TokenId } from '@judge-decoding/core';
import type { TaskProblem } from '@judge-decoding/tasks';
import { describe, expect, test } from 'vitest';
import {
  atThreshold,
  equivalenceLabels,
  estimateLabels,
  type LabelledSolution,
  type LabelSource,
  labelWith,
  likelihoodLabels,
  readSolutions,
  type Swap,
  selfAgreement,
  thresholdLike,
} from '../src/index.ts';

const newFolder = () => mkdtemp(join(tmpdir(), 'judge-equivalence-'));
const MAX = 24;
const pair = () => toyPair({ agreement: 0.6, seed: 3, sharpness: 0.4 });

/** What an answer comes to: whether it has more large tokens than small ones. */
const outcome = (tokens: readonly TokenId[]) =>
  String(tokens.filter((token) => token > 8).length > tokens.filter((token) => token < 8).length);
const problems: readonly TaskProblem[] = Array.from({ length: 24 }, (_, i) => ({
  id: `toy/${i}`,
  domain: 'toy',
  prompt: [1 + (i % 15), 2 + (i % 7), 3, 1 + (i % 4)],
  grade: (solution) => outcome(solution) === String(i % 2 === 0),
}));

/** One token after another, every text read from its beginning: nothing is shared, guessed or kept. */
async function greedy(model: Model, text: readonly TokenId[], most: number): Promise<TokenId[]> {
  const written: TokenId[] = [];
  while (written.length < most) {
    const session = await model.openSession();
    const { argmax } = await session.forward([...text, ...written], { argmax: true });
    await session.dispose();
    written.push(argmax.at(-1)!);
    if (model.info.endTokens.includes(written.at(-1)!)) break;
  }
  return written;
}

/** AutoJudge's walk as its paper writes it. */
async function oracle(
  { target, draft }: { target: Model; draft: Model },
  { prompt }: TaskProblem,
  keeps: boolean,
) {
  const never = new Set([...target.info.specialTokens, ...target.info.endTokens]);
  let answer = await greedy(target, prompt, MAX);
  const reference = outcome(answer.filter((token) => !never.has(token)));
  const letters: string[] = [];
  const swaps: Swap[] = [];
  let left = 0;
  for (;;) {
    let at = left;
    let token = -1;
    for (; at < answer.length; at++) {
      const [choice] = await greedy(draft, [...prompt, ...answer.slice(0, at)], 1);
      token = choice!;
      if (token !== answer[at] && !never.has(token) && !never.has(answer[at]!)) break;
    }
    if (at >= answer.length) break;
    const changed = [...answer.slice(0, at), token];
    changed.push(...(await greedy(target, [...prompt, ...changed], MAX - at - 1)));
    const same = outcome(changed.filter((one) => !never.has(one))) === reference;
    if (same && keeps) {
      answer = changed;
      letters[at] = 'o';
    } else swaps.push({ position: at, token, correct: same });
    left = at + 1;
  }
  return { solution: answer, labels: answer.map((_, i) => letters[i] ?? '-').join(''), swaps };
}

async function labelled(source: LabelSource, some = problems): Promise<readonly LabelledSolution[]> {
  const folder = await newFolder();
  await labelWith({ problems: some, source, folder, problemsPerShard: 2 });
  return (await readSolutions(folder)).solutions;
}

describe.each(['semi-greedy', 'independent'] as const)('the %s walk', (walk) => {
  test('is the walk of the paper, whatever is shared, guessed and read side by side', async () => {
    const models = pair();
    const options = { ...models, walk, maxTokens: MAX, answerOf: outcome };
    const alone = await labelled(equivalenceLabels(options));
    expect(alone).toHaveLength(problems.length);
    let correct = 0;
    let wrong = 0;
    for (const [i, { solution, labels, swaps = [] }] of alone.entries()) {
      const expected = await oracle(models, problems[i]!, walk === 'semi-greedy');
      expect(solution).toEqual(expected.solution);
      expect(labels).toBe(expected.labels);
      expect(swaps).toEqual(expected.swaps);
      wrong += swaps.filter((swap) => !swap.correct).length;
      correct += swaps.filter((swap) => swap.correct).length + labels.split('o').length - 1;
    }
    // there is something to see
    expect(Math.min(correct, wrong)).toBeGreaterThan(0);
    expect(await labelled(equivalenceLabels({ ...options, abreast: 4 }))).toEqual(alone);
  });
});

test('only problems that the target solves are labelled by their grade', async () => {
  const models = pair();
  const found = await labelled(equivalenceLabels({ ...models, maxTokens: MAX }));
  const solved: string[] = [];
  for (const problem of problems)
    if (problem.grade(await greedy(models.target, problem.prompt, MAX))) solved.push(problem.id);
  expect(solved.length).toBeGreaterThan(0);
  expect(solved.length).toBeLessThan(problems.length);
  expect(found.map(({ problem }) => problem)).toEqual(solved);
});

test('samples vote, and the same seed gives the same votes', async () => {
  const options = { ...pair(), maxTokens: MAX, answerOf: outcome, samples: 4, temperature: 1 };
  const found = await labelled(equivalenceLabels(options), problems.slice(0, 3));
  const swaps = found.flatMap((solution) => solution.swaps ?? []);
  expect(swaps.length).toBeGreaterThan(0);
  for (const { correct, votes } of swaps) {
    expect(votes![1]).toBe(5);
    expect(correct).toBe(2 * votes![0] > 5);
  }
  expect(swaps.some(({ votes }) => votes![0] > 0 && votes![0] < 5)).toBe(true);
  // tokens that stayed in the text have been voted on, too
  for (const { labels, votes } of found) {
    expect(votes!.map(([at]) => at)).toEqual(
      [...labels].flatMap((letter, at) => (letter === 'o' ? [at] : [])),
    );
    for (const [, correct, of] of votes!) expect([2 * correct > of, of]).toEqual([true, 5]);
  }
  expect(await labelled(equivalenceLabels(options), problems.slice(0, 3))).toEqual(found);
});

test('how labels agree with themselves counts every pair of continuations', () => {
  const swap = (votes: readonly [number, number]) => ({ position: 0, token: 1, correct: true, votes });
  // 4 of 4 agree in 6 of 6 pairs, 3 of 4 in 3 of 6, 1 of 2 in 0 of 1
  const said = selfAgreement([{ swaps: [swap([4, 4]), swap([1, 2])] }, { votes: [[3, 3, 4]] }, {}]);
  expect(said).toEqual({ share: 9 / 13, mismatches: 3 });
  expect(selfAgreement([{ swaps: [{ position: 0, token: 1, correct: true }] }]).share).toBeNaN();
});

test('as many mismatches as were asked for, others with another seed', async () => {
  const options = {
    ...pair(),
    maxTokens: MAX,
    answerOf: outcome,
    walk: 'independent',
    mismatches: 3,
  } as const;
  const found = await labelled(equivalenceLabels(options));
  for (const { swaps = [] } of found) expect(swaps.length).toBeLessThanOrEqual(3);
  expect(await labelled(equivalenceLabels({ ...options, seed: 1 }))).not.toEqual(found);
});

test('a continuation ends where the answer is out', async () => {
  const isOut = (tokens: readonly TokenId[]) => tokens.length >= 12;
  const found = await labelled(equivalenceLabels({ ...pair(), maxTokens: MAX, answerOf: outcome, isOut }));
  for (const { solution } of found) expect(solution.length).toBeLessThanOrEqual(12);
});

test('likelihood labels are the formula, one text after another', async () => {
  const models = pair();
  const [window, threshold] = [5, 0.6];
  const found = await labelled(likelihoodLabels({ ...models, maxTokens: MAX, window, threshold }));
  const never = new Set([...models.target.info.specialTokens, ...models.target.info.endTokens]);
  const likely = async (text: readonly TokenId[], from: number) => {
    const session = await models.target.openSession();
    const { chosen } = await session.forward(text, { chosen: true });
    await session.dispose();
    return chosen.subarray(from - 1).reduce((sum, value) => sum + value, 0);
  };
  const said = [0, 0];
  for (const [i, { solution, labels, swaps = [] }] of found.entries()) {
    const { prompt } = problems[i]!;
    expect(solution).toEqual(await greedy(models.target, prompt, MAX));
    expect(labels).toMatch(/^-*$/);
    const expected: Swap[] = [];
    for (const [position, own] of solution.entries()) {
      const [token] = await greedy(models.draft, [...prompt, ...solution.slice(0, position)], 1);
      if (token === own || never.has(token!) || never.has(own)) continue;
      const before = [...prompt, ...solution.slice(0, position)];
      const behind = solution.slice(position + 1, position + 1 + window);
      const altered = await likely([...before, token!, ...behind], before.length);
      const original = await likely([...before, own, ...behind], before.length);
      const correct = (altered - original) / (behind.length + 1) > -threshold;
      said[Number(correct)]!++;
      const score = expect.closeTo((altered - original) / (behind.length + 1), 4) as number;
      expected.push({ position, token: token!, correct, score });
    }
    expect(swaps).toEqual(expected);
  }
  expect(Math.min(...said)).toBeGreaterThan(0);
});

test('a likelihood threshold is set by what equivalence calls wrong, and can be moved later', () => {
  const swap = (position: number, correct: boolean, score = Number.NaN) => ({
    position,
    token: 1,
    correct,
    score,
  });
  const one = { problem: 'p', domain: 'd', source: 's', prompt: [1], solution: [2, 2, 2, 2], labels: '----' };
  const scored = [{ ...one, swaps: [-3, -2, -1, -0.1].map((score, i) => swap(i, false, score)) }];
  const equivalent = [
    { ...one, swaps: [swap(0, false), swap(1, false), swap(3, true)] },
  ] as LabelledSolution[];
  expect(thresholdLike(scored, equivalent, 0.5)).toBe(3);
  const threshold = thresholdLike(scored, equivalent, 1);
  expect(threshold).toBe(2);
  const [moved] = atThreshold(scored, threshold);
  expect(moved!.swaps!.map(({ correct }) => correct)).toEqual([false, false, true, true]);
});

test('a dry run says how many labels there will be, and writes nothing', async () => {
  const source = equivalenceLabels({ ...pair(), maxTokens: MAX, answerOf: outcome });
  let time = 0;
  const estimate = await estimateLabels({ problems, source }, { now: () => (time += 100), tried: 3 });
  expect(estimate).toMatchObject({ solutions: 24, triedProblems: 3, milliseconds: 800 });
  expect(estimate.labels).toBeGreaterThan(24);
});

test('stopped and started again, a walk side by side ends with the same files', async () => {
  const source = () => equivalenceLabels({ ...pair(), maxTokens: MAX, answerOf: outcome, abreast: 3 });
  const [whole, broken] = [await newFolder(), await newFolder()];
  const options = { problems, problemsPerShard: 1 };
  await labelWith({ ...options, source: source(), folder: whole });
  let asked = 0;
  const signal = {
    get aborted() {
      return ++asked > 300;
    },
  };
  await expect(labelWith({ ...options, source: source(), folder: broken, signal })).rejects.toThrow();
  expect((await readdir(broken)).length).toBeLessThan((await readdir(whole)).length);
  await labelWith({ ...options, source: source(), folder: broken });
  for (const name of await readdir(whole))
    expect(await readFile(join(broken, name), 'utf8')).toBe(await readFile(join(whole, name), 'utf8'));
});

test.each([
  ['equivalence', equivalenceLabels],
  ['likelihood', likelihoodLabels],
])('a question that leaves no room is named, whichever context is the shorter: %s', async (_, labels) => {
  const { target, draft } = pair();
  const short = (model: Model): Model => ({
    ...model,
    info: { ...model.info, contextLength: 5 },
    openSession: () => model.openSession(),
  });
  const long = { id: 'toy/long', domain: 'toy', prompt: [1, 2, 3, 4], grade: () => true };
  for (const models of [
    { target: short(target), draft },
    { target, draft: short(draft) },
  ]) {
    const labeller = await labels({ ...models, maxTokens: MAX }).open();
    await expect(labeller.label({ ...long, prompt: [1, 2, 3, 4, 5] }, undefined)).rejects.toThrow(
      '`toy/long` to leave room',
    );
    // one token less, and an answer of one token is there
    const one = await labeller.label({ ...long, prompt: [1, 2, 3] }, undefined);
    expect(one[0]?.solution).toHaveLength(1);
    await labeller.dispose();
  }
});
