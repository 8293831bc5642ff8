import { expect, test } from 'vitest';
import { fewTokens } from '../src/fit/auc-interval.ts';
import { openPool } from '../src/fit/example-pool.ts';
import { examplesOf, inputsOf, splitByProblem } from '../src/fit/examples.ts';
import { fitMlp, network } from '../src/fit/fit-mlp.ts';
import {
  ablations,
  aucEstimate,
  compareWithExact,
  HEAD_SHAPES,
  relabelledExactly,
  rocAuc,
} from '../src/index.ts';
import { madeUpFeatures } from './made-up-features.ts';
import { toyProblems } from './toy-problems.ts';

const [preNorm, , both] = HEAD_SHAPES;

test('the interval of an AUC holds it, and narrows with the problems', () => {
  const widths = [20, 320].map((problems) => {
    const examples = examplesOf(madeUpFeatures({ name: 'auc', problems }));
    const scores = Float64Array.from(examples.correct, (one, i) => one + Math.sin(i * 12.9898) * 1.5);
    const { auc, low, high, tokens, wrong } = aucEstimate(scores, examples);
    expect(auc).toBeCloseTo(rocAuc(scores, examples.correct), 12);
    expect(low).toBeLessThan(auc);
    expect(high).toBeGreaterThan(auc);
    expect([tokens, wrong]).toEqual([examples.count, examples.correct.filter((one) => one === 0).length]);
    return high - low;
  });
  expect(widths[1]! / widths[0]!).toBeLessThan(0.4);
});

// Newcombe's method 5, solved by another program
test.each([
  [0.8, 83, 12, 0.6318434439413427, 0.8981454048689801],
  [0.95, 30, 1, 0.3845282140434728, 0.9978354001656724],
  [1, 20, 12, 0.865123242355641, 1],
  [0, 12, 20, 0, 1 - 0.865123242355641],
  [0.979, 3595, 105, 0.959274999069663, 0.9891391571517],
])(
  'an AUC of %d over %d right and %d wrong tokens can be no surer than that',
  (auc, right, wrong, low, high) => {
    const interval = fewTokens(auc, right, wrong);
    expect(interval.low).toBeCloseTo(low, 6);
    expect(interval.high).toBeCloseTo(high, 6);
  },
);

test('one wrong token leaves an interval as wide as that', () => {
  const examples = { correct: Uint8Array.of(0, 1, 1, 1), problem: Int32Array.of(0, 0, 1, 2) };
  const { auc, low, high } = aucEstimate(Float64Array.of(0, 1, 2, 3), examples);
  expect(auc).toBe(1);
  expect(low).toBeLessThan(0.5);
  expect(high).toBe(1);
});

test('an MLP’s gradient is its slope in every direction', async () => {
  const set = madeUpFeatures({ name: 'mlp', problems: 2 });
  const examples = examplesOf(set);
  const { pool } = await openPool(inputsOf(set, both!), examples);
  const hidden = 3;
  const net = network(pool, hidden);
  const parameters = Float64Array.from({ length: hidden * 24 + 7 }, (_, i) => Math.sin(3 * i + 1) / 4);
  const picked = Int32Array.from({ length: 30 }, (_, i) => i + 4);
  const lossAt = (at: Float64Array) => {
    const scores = net.scores(at);
    return picked.reduce((sum, i) => {
      const [sign, weight] = examples.correct[i] === 1 ? [1, 1] : [-1, 2.5];
      return sum + (weight * Math.log1p(Math.exp(-sign * scores[i]!))) / picked.length;
    }, 0);
  };
  const gradient = net.gradient(parameters, picked, 2.5);
  for (const i of parameters.keys()) {
    const moved = (by: number) => lossAt(parameters.map((value, j) => (j === i ? value + by : value)));
    expect((moved(1e-6) - moved(-1e-6)) / 2e-6).toBeCloseTo(gradient[i]!, 5);
  }
});

test('an MLP learns what no linear head can', async () => {
  const set = madeUpFeatures({ name: 'square', problems: 150 });
  const values = new Float32Array(12);
  // correct where the first unit lies far from its middle, on either side
  const correct = set.columns.correct.map((label, row) => {
    set.states['pre-norm']!.read(row, values, 0);
    return label < 0 ? label : Number(Math.abs(values[0]! + 150) > 0.7);
  });
  const made = { ...set, columns: { ...set.columns, correct } };
  const { rest, part } = splitByProblem(examplesOf(made), 0.3, 0);
  const inputs = inputsOf(made, preNorm!);
  const score = await fitMlp(inputs, rest, part, { hidden: 16, learningRate: 1e-2, epochs: 30 });
  expect(rocAuc(await score(inputs, part), part.correct)).toBeGreaterThan(0.9);
});

test('every group of ablations that the features allow, the curve rising', async () => {
  const train = madeUpFeatures({ name: 'train', problems: 200 });
  const heldOut = madeUpFeatures({ name: 'held out', problems: 60 });
  const found = await ablations({ train, heldOut, fitOn: 'all', sizes: [100, 1000], hiddenUnits: 8 });
  const groups = new Set(found.map(({ group }) => group));
  // no layers and no draft were extracted
  expect([...groups]).toEqual(['layer', 'norm', 'row', 'kind', 'models', 'data', 'domain']);
  const aucOf = (name: string) => found.find((one) => one.name === name)!.all.auc;
  expect(aucOf('own')).toBeGreaterThan(aucOf('previous') + 0.2);
  expect(aucOf('1000 tokens')).toBeGreaterThan(aucOf('100 tokens'));
  expect(found.filter(({ group }) => group === 'domain').map(({ name }) => name)).toEqual([
    'all, on even',
    'without even, on even',
    'all, on odd',
    'without odd, on odd',
  ]);
});

test('labels are held against the exact ones, in the text and in its swaps', () => {
  // tokens 5, 10 and 15 are mistakes, 16 takes one back
  const [problem] = toyProblems(1);
  const solutions = [
    {
      problem: problem!.id,
      domain: 'even',
      source: 'x',
      prompt: [1],
      solution: [1, 5, 16, 2, 3, 10, 4],
      labels: 'oo-o-o-',
      swaps: [
        { position: 0, token: 5, correct: false },
        { position: 3, token: 4, correct: false },
        { position: 6, token: 1, correct: true },
      ],
    },
  ];
  expect(compareWithExact(solutions, () => problem!)).toMatchObject({
    bothCorrect: 2,
    bothWrong: 1,
    calledCorrect: 2,
    takenBack: 1,
    calledWrong: 1,
    afterMistake: 1,
    tokens: 6,
  });
  const [exact] = relabelledExactly(solutions, () => problem!);
  expect(exact!.labels).toBe('ow-o-w-');
  expect(exact!.swaps).toEqual([
    { position: 0, token: 5, correct: false },
    { position: 3, token: 4, correct: true },
  ]);
});
