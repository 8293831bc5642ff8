import { expect, test } from 'vitest';
import { examplesOf, splitByProblem } from '../src/fit/examples.ts';
import { type FeatureSet, foldedAuc, HEAD_SHAPES, splitFeatures } from '../src/index.ts';
import { madeUpFeatures } from './made-up-features.ts';

/** Labels where standard verification rejects alone, and wrong ones in a few problems only. */
function fewWrong(problems: number, wrong: number): FeatureSet {
  const set = madeUpFeatures({ name: 'few', problems, steepness: Number.POSITIVE_INFINITY });
  const { columns } = set;
  const has = new Set<number>();
  const correct = columns.correct.map((label, row) => {
    if (label < 0 || columns.token[row] === columns.argmax[row]) return -1;
    const solution = columns.solution[row]!;
    if (label === 0 && has.size < wrong) has.add(solution);
    return label === 0 && !has.has(solution) ? -1 : label;
  });
  return { ...set, columns: { ...columns, correct } };
}

const problemsOf = ({ solutions }: FeatureSet) => solutions.map(({ problem }) => problem);
const wrongIn = ({ columns }: FeatureSet) => columns.correct.filter((label) => label === 0).length;

test.each([0, 1, 2, 3, 4, 5, 6, 7])('every part of a few labels has a wrong one, seed %d', (seed) => {
  const set = fewWrong(24, 6);
  const parts = Object.values(splitFeatures(set, { seed }));
  for (const part of parts) expect(wrongIn(part)).toBeGreaterThan(0);
  expect(parts.reduce((sum, part) => sum + wrongIn(part), 0)).toBe(wrongIn(set));
  expect(parts.flatMap(problemsOf).sort()).toEqual(problemsOf(set).sort());
  const { rest, part } = splitByProblem(examplesOf(set), 0.15, seed);
  for (const some of [rest, part]) expect(some.correct).toContain(0);
  expect(new Set([...rest.problem].filter((one) => part.problem.includes(one))).size).toBe(0);
});

test('where there are enough, a problem is in the same part whatever the others are', () => {
  const [some, more] = [60, 90].map((problems) => splitFeatures(fewWrong(problems, problems)));
  expect(problemsOf(more!.heldOut)).toEqual(expect.arrayContaining(problemsOf(some!.heldOut)));
});

test('folds score every token with heads that have not seen its problem', async () => {
  const set = fewWrong(40, 40);
  const { auc, tokens, wrong } = await foldedAuc(set, HEAD_SHAPES[0]!);
  expect([tokens, wrong]).toEqual([examplesOf(set).count, wrongIn(set)]);
  expect(auc).toBeGreaterThan(0.9);
  // labels that have nothing to do with the states: what was not seen cannot be told
  const columns = {
    ...set.columns,
    correct: set.columns.correct.map((label, row) => (label < 0 ? -1 : Number((row * 7919) % 5 > 0))),
  };
  const noise = await foldedAuc({ ...set, columns }, HEAD_SHAPES[0]!);
  expect(noise.low).toBeLessThan(0.5);
  expect(noise.high).toBeGreaterThan(0.5);
});
