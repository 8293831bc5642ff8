import { expect, test } from 'vitest';
import type { Examples } from '../src/fit/examples.ts';
import { fitLogistic } from '../src/fit/fit-logistic.ts';
import { memoryRows } from '../src/index.ts';

/** What tools/fit-goldens/fit_goldens.py prints: scipy's BFGS and scikit-learn's L-BFGS, which agree. */
const GOLDEN = {
  positive: 287,
  firstRow: [-40.25205993652344, -20.796836853027344, 2.9509098529815674, 23.256690979003906],
  fits: [
    {
      c: 1e-3,
      parameters: [0.0930997, -0.0317551, -0.0029789, 0.066446, -0.0567541, -0.0015938, 0.0781467, 0.0407152],
    },
    {
      c: 0.1,
      parameters: [
        1.0186738, -0.3981148, -0.0320224, 0.7498073, -0.5734265, -0.0959137, 0.8481767, 0.4794863,
      ],
    },
    {
      c: 10,
      parameters: [1.2920675, -0.5117187, -0.0497984, 0.9727752, -0.7345158, -0.1350977, 1.079047, 0.6260124],
    },
  ],
};

/** The examples of the script. */
function examples(count: number, size: number): { readonly rows: Float32Array; readonly examples: Examples } {
  let state = 12345n;
  const uniform = () => {
    state = (state * 1103515245n + 12345n) % 2147483648n;
    return Number(state) / 2147483648;
  };
  const rows = new Float32Array(count * size);
  const correct = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    let truth = 0;
    for (let j = 0; j < size; j++) {
      let value = -3;
      for (let draw = 0; draw < 6; draw++) value += uniform();
      truth += value * (j % 3 === 0 ? 1 : j % 3 === 1 ? -0.5 : 0);
      rows[i * size + j] = value * (1 + j) + 20 * (j - 2);
    }
    correct[i] = Number(uniform() < 1 / (1 + Math.exp(-1.5 * (truth + 1))));
  }
  const index = Int32Array.from({ length: count }, (_, i) => i);
  return {
    rows,
    examples: { count, row: index, correct, mismatch: new Uint8Array(count).fill(1), problem: index },
  };
}

const made = examples(400, 7);
const inputs = [{ rows: memoryRows(made.rows, 7), shift: 0 as const }];

test('the examples are those of the script', () => {
  expect(made.examples.correct.reduce((sum, one) => sum + one, 0)).toBe(GOLDEN.positive);
  for (const [i, value] of GOLDEN.firstRow.entries()) expect(made.rows[i]).toBeCloseTo(value, 4);
});

test.each(GOLDEN.fits)(
  'logistic regression at C = $c is scipy’s and scikit-learn’s',
  async ({ c, parameters }) => {
    const { standardised } = await fitLogistic(inputs, made.examples, made.examples, {
      grid: [c],
      tolerance: 1e-9,
    });
    for (const [i, value] of parameters.entries())
      expect([...standardised.weights, standardised.bias][i]).toBeCloseTo(value, 5);
  },
);

test('over a grid each fit starts from the one before, and ends where it ends alone', async () => {
  const grid = GOLDEN.fits.map(({ c }) => c);
  const settings = { tolerance: 1e-9, patience: 9 };
  const {
    c,
    standardised,
    grid: points,
  } = await fitLogistic(inputs, made.examples, made.examples, {
    ...settings,
    grid,
  });
  expect(points.map((point) => point.c)).toEqual(grid);
  expect(Math.max(...points.map(({ auc }) => auc))).toBe(points.find((point) => point.c === c)!.auc);
  const alone = await fitLogistic(inputs, made.examples, made.examples, { ...settings, grid: [c] });
  for (const [i, weight] of standardised.weights.entries())
    expect(alone.standardised.weights[i]).toBeCloseTo(weight, 6);
});
