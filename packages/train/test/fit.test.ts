import { toyModel } from '@judge-decoding/backend-contract';
import { JudgeDecodingError, judgeLogit, readHead, writeHead } from '@judge-decoding/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileKernel } from '../kernel/compile.mjs';
import { crossEntropy } from '../src/fit/cross-entropy.ts';
import { openPool } from '../src/fit/example-pool.ts';
import { examplesOf, inputsOf, logitInputs, splitByProblem } from '../src/fit/examples.ts';
import { fitLinear, inOrder } from '../src/fit/fit-linear.ts';
import { KERNEL } from '../src/fit/kernel-bytes.ts';
import { eachInput, fold, logitsOf } from '../src/fit/linear-model.ts';
import { recalibrate } from '../src/fit/platt.ts';
import { calibrationTable, chooseThreshold, sharesAt } from '../src/fit/threshold.ts';
import { fitHeads, fitTable, HEAD_SHAPES, rocAuc, type StateRows } from '../src/index.ts';
import { madeUpFeatures, trueWeights } from './made-up-features.ts';

const [preNorm, , both] = HEAD_SHAPES;

function rowOf(rows: StateRows, row: number): Float32Array {
  const values = new Float32Array(rows.width);
  rows.read(row, values, 0);
  return values;
}

describe('the loss', () => {
  test('its gradient is its slope in every direction, class weights and the row before included', async () => {
    const set = madeUpFeatures({ name: 'gradient', problems: 3 });
    const examples = examplesOf(set);
    const { pool } = await openPool(inputsOf(set, both!), examples);
    const loss = crossEntropy(pool, 2.5);
    const size = 24;
    const weights = Float64Array.from({ length: size }, (_, i) => Math.sin(i + 1) / 3);
    const batch = { order: inOrder(examples.count).order, start: 7, end: 40 };
    const lossAt = (at: Float64Array, bias: number, gradient?: Float64Array) =>
      loss({ weights: at, bias }, batch, gradient);
    const gradient = new Float64Array(size + 1);
    lossAt(weights, 0.3, gradient);
    const h = 1e-5;
    for (let i = 0; i <= size; i++) {
      const moved = (by: number) =>
        i === size
          ? lossAt(weights, 0.3 + by)
          : lossAt(
              weights.map((w, j) => (j === i ? w + by : w)),
              0.3,
            );
      expect((moved(h) - moved(-h)) / (2 * h)).toBeCloseTo(gradient[i]!, 6);
    }
  });

  test('a wrong token of weight w counts as w wrong tokens', async () => {
    const set = madeUpFeatures({ name: 'weights', problems: 2 });
    const examples = examplesOf(set);
    const { pool } = await openPool(inputsOf(set, preNorm!), examples);
    const model = { weights: new Float64Array(12).fill(0.1), bias: 0.2 };
    const at = (order: number[], wrongWeight: number) =>
      crossEntropy(pool, wrongWeight)(model, {
        order: Int32Array.from(order),
        start: 0,
        end: order.length,
      }) * order.length;
    const wrong = examples.correct.indexOf(0);
    const right = examples.correct.indexOf(1);
    expect(at([right, wrong], 3)).toBeCloseTo(at([right, wrong, wrong, wrong], 1), 10);
  });

  test('is what plain float64 sums give, whether examples stay in memory or are read again', async () => {
    // 13 inputs: not a multiple of what the kernel sums at once
    const set = madeUpFeatures({ name: 'plain', problems: 5, hiddenSize: 13 });
    const examples = examplesOf(set);
    const inputs = inputsOf(set, both!);
    const model = { weights: Float64Array.from({ length: 26 }, (_, i) => Math.cos(i)), bias: -0.1 };
    const losses: number[] = [];
    for (const budget of [undefined, 0]) {
      const { pool, standardisation } = await openPool(inputs, examples, { budget });
      const gradient = new Float64Array(27);
      losses.push(crossEntropy(pool, 3)(model, inOrder(examples.count), gradient));
      let expected = 0;
      const slope = new Float64Array(27);
      eachInput(inputs, examples, (values, i) => {
        const z = [...values].map((x, j) =>
          Math.fround((x - standardisation.mean[j]!) / standardisation.spread[j]!),
        );
        const logit = z.reduce((sum, x, j) => sum + x * model.weights[j]!, model.bias);
        const [sign, weight] = examples.correct[i] === 1 ? [1, 1] : [-1, 3];
        expected += weight * Math.log1p(Math.exp(-sign * logit));
        const push = (-sign * weight) / (1 + Math.exp(sign * logit)) / examples.count;
        for (const [j, x] of [...z, 1].entries()) slope[j] = slope[j]! + push * x;
      });
      expect(losses.at(-1)).toBeCloseTo(expected / examples.count, 6);
      for (const [j, value] of slope.entries()) expect(gradient[j]).toBeCloseTo(value, 6);
    }
    expect(losses[1]).toBe(losses[0]);
  });

  test('the kernel is what its source says', async () => {
    expect(KERNEL).toBe(await compileKernel());
  });
});

test('a folded model scores raw states as the standardised one scores standardised states', async () => {
  const set = madeUpFeatures({ name: 'fold', problems: 4 });
  const examples = examplesOf(set);
  const inputs = inputsOf(set, preNorm!);
  const { standardisation } = await openPool(inputs, examples);
  const model = { weights: trueWeights(12), bias: 0.7 };
  const folded = logitsOf(fold(model, standardisation), inputs, examples);
  for (const [i, row] of examples.row.entries()) {
    let expected = model.bias;
    for (let unit = 0; unit < 12; unit++) {
      const z =
        (rowOf(inputs[0]!.rows, row)[unit]! - standardisation.mean[unit]!) / standardisation.spread[unit]!;
      expected += model.weights[unit]! * z;
    }
    expect(folded[i]).toBeCloseTo(expected, 8);
  }
});

test('the fit finds a known separator, and the same seed gives the same bits', async () => {
  const set = madeUpFeatures({ name: 'known', problems: 200, steepness: 12 });
  const { rest, part } = splitByProblem(examplesOf(set), 0.2, 0);
  const inputs = inputsOf(set, preNorm!);
  const options = { learningRate: 1e-2, epochs: 30 };
  const { standardised, model } = await fitLinear(inputs, rest, part, options);
  const truth = trueWeights(12);
  const dot = standardised.weights.reduce((sum, w, i) => sum + w * truth[i]!, 0);
  expect(dot / (Math.hypot(...standardised.weights) * Math.hypot(...truth))).toBeGreaterThan(0.995);
  const again = await fitLinear(inputs, rest, part, options);
  expect([...again.model.weights, again.model.bias]).toEqual([...model.weights, model.bias]);
  const other = await fitLinear(inputs, rest, part, { ...options, seed: 1 });
  expect([...other.model.weights]).not.toEqual([...model.weights]);
});

test('a split by problem leaves every problem whole', () => {
  const examples = examplesOf(madeUpFeatures({ name: 'split', problems: 50 }));
  const { rest, part } = splitByProblem(examples, 0.3, 1);
  const [left, right] = [new Set(rest.problem), new Set(part.problem)];
  expect(left.size + right.size).toBe(50);
  expect([...left].some((problem) => right.has(problem))).toBe(false);
  expect(rest.count + part.count).toBe(examples.count);
});

test('ROC-AUC by ranks is the share of pairs in order, ties counting half', () => {
  const tokens = fc.array(fc.tuple(fc.integer({ min: -3, max: 3 }), fc.boolean()), {
    minLength: 2,
    maxLength: 60,
  });
  fc.assert(
    fc.property(tokens, (pairs) => {
      const scores = Float64Array.from(pairs, ([score]) => score / 2);
      const correct = Uint8Array.from(pairs, ([, label]) => Number(label));
      let [above, count] = [0, 0];
      for (const [right, isRight] of pairs)
        for (const [wrong, alsoRight] of pairs)
          if (isRight && !alsoRight) {
            above += right > wrong ? 1 : right === wrong ? 0.5 : 0;
            count++;
          }
      if (count === 0) expect(rocAuc(scores, correct)).toBeNaN();
      else expect(rocAuc(scores, correct)).toBeCloseTo(above / count, 12);
    }),
  );
});

test('recalibration finds the slope and intercept that the labels were drawn with', async () => {
  const set = madeUpFeatures({ name: 'platt', problems: 400, steepness: 3 });
  const examples = examplesOf(set);
  const inputs = inputsOf(set, preNorm!);
  const truth = { weights: trueWeights(12).map((w) => w / Math.hypot(...trueWeights(12))), bias: 0 };
  const units = logitsOf(fold(truth, (await openPool(inputs, examples)).standardisation), inputs, examples);
  const { slope, intercept } = recalibrate(units, examples.correct);
  // chance = sigmoid(3 (truth + 0.8))
  expect(Math.abs(slope - 3)).toBeLessThan(0.2);
  expect(Math.abs(intercept - 2.4)).toBeLessThan(0.2);
});

test('recalibration of separated classes stays finite', () => {
  const { slope, intercept } = recalibrate(Float64Array.from([-2, -1, 1, 2]), Uint8Array.from([0, 0, 1, 1]));
  expect(slope).toBeGreaterThan(0);
  expect(Number.isFinite(slope + intercept)).toBe(true);
});

test('recalibration never turns a score round, which would let the calibration labels into a useless head', () => {
  const { slope, intercept } = recalibrate(
    Float64Array.from([2, 1, 0, -1, -2]),
    Uint8Array.from([0, 0, 1, 1, 1]),
  );
  expect(slope).toBe(1);
  expect(intercept).toBeGreaterThan(0);
});

describe('the threshold', () => {
  const judged = {
    logits: Float64Array.from([-3, -2, -1, 0, 1, -0.5, 0.5, 2, 3, 4]),
    correct: Uint8Array.from([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]),
  };
  test.each([
    { share: 0, stopped: 0, admitted: 1 },
    { share: 0.6, stopped: 0.6, admitted: 1 },
    { share: 0.61, stopped: 0.8, admitted: 0.8 },
    { share: 1, stopped: 1, admitted: 0.6 },
  ])('is the least that stops $share of the wrong tokens', ({ share, stopped, admitted }) => {
    const threshold = chooseThreshold(judged, { leastWrongStopped: share });
    expect(sharesAt(judged, threshold)).toEqual({ wrongStopped: stopped, correctAdmitted: admitted });
  });

  test.each([
    { mostHarmed: 0, wrongAbove: [0, 0] },
    // one of the first domain's 10 solutions, none of the other's 9
    { mostHarmed: 0.1, wrongAbove: [1, 0] },
    { mostHarmed: 0.12, wrongAbove: [1, 1] },
  ])('lets wrong tokens into at most $mostHarmed of any domain’s solutions', ({ mostHarmed, wrongAbove }) => {
    const domains = { of: Int32Array.from([0, 0, 1, 1, 0, 0, 1, 0, 1, 0]), solutions: [10, 9] };
    const threshold = chooseThreshold({ ...judged, domains }, { mostHarmed });
    const passing = [0, 1].map(
      (domain) =>
        [...judged.logits.keys()].filter(
          (i) =>
            judged.correct[i] === 0 &&
            domains.of[i] === domain &&
            1 / (1 + Math.exp(-judged.logits[i]!)) > threshold,
        ).length,
    );
    expect(passing).toEqual(wrongAbove);
  });

  test('can be set by the rate of what is let in', () => {
    const threshold = chooseThreshold(judged, { admitted: 0.3 });
    expect(judged.logits.filter((logit) => 1 / (1 + Math.exp(-logit)) > threshold)).toHaveLength(3);
  });

  test('stands in a table in which stopping more never lets in more', () => {
    const threshold = chooseThreshold(judged, { leastWrongStopped: 0.8 });
    const table = calibrationTable(judged, threshold);
    expect(table.map((point) => point.threshold)).toContain(threshold);
    for (const [i, point] of table.slice(1).entries()) {
      expect(point.wrongStopped).toBeGreaterThanOrEqual(table[i]!.wrongStopped);
      expect(point.correctAdmitted).toBeLessThanOrEqual(table[i]!.correctAdmitted);
    }
  });
});

describe('fitting heads', () => {
  const model = toyModel({ hidden: 12 });
  const options = {
    train: madeUpFeatures({ name: 'train', problems: 80 }),
    calibration: madeUpFeatures({ name: 'calibration', problems: 40 }),
    heldOut: madeUpFeatures({ name: 'held-out', problems: 40 }),
    model: model.info,
    fit: { learningRate: 1e-2, epochs: 8 },
    threshold: { leastWrongStopped: 0.9 },
    shuffledHeads: 20,
  };

  test('real labels beat every shuffled one, and what the logits say; heads come back from their files', async () => {
    const { heads, controls, data } = await fitHeads(options);
    expect(heads.map(({ name }) => name)).toEqual(['pre-norm', 'post-norm', 'pre-norm-and-previous']);
    const real = heads[0]!.figures.mismatches.auc;
    expect(real).toBeGreaterThan(0.85);
    // the two states differ by a factor here, and standardisation takes it out
    expect(heads[1]!.figures.mismatches.auc).toBeCloseTo(real, 3);
    expect(controls.shuffledAucs).toHaveLength(20);
    expect(Math.max(...controls.shuffledAucs, ...controls.shuffledTrueAucs)).toBeLessThan(real);
    // three standard errors: two are exceeded by chance once in twenty times
    expect(Math.abs(controls.shuffledMean - 0.5)).toBeLessThan(3 * controls.shuffledStandardError);
    for (const { figures } of controls.logits) expect(figures.mismatches.auc).toBeLessThan(real);
    for (const { head, calibrationFigures } of heads) {
      expect(head.provenance.data).toBe(data);
      expect(calibrationFigures.mismatches.recall).toBeGreaterThanOrEqual(0.9);
      const back = readHead(writeHead(head));
      expect(back).toEqual(head);
    }
    const { head } = heads[2]!;
    const set = options.heldOut;
    const row = examplesOf(set).row[5]!;
    const dot = (term: { weights: Float32Array }, at: number) =>
      rowOf(set.states['pre-norm']!, at).reduce((sum, x, i) => sum + x * term.weights[i]!, 0);
    const inputs = inputsOf(set, both!);
    const weights = Float64Array.from(head.terms.flatMap((term) => [...term.weights]));
    const examples = { ...examplesOf(set), count: 1, row: Int32Array.from([row]) };
    expect(judgeLogit(head, row, dot)).toBeCloseTo(
      logitsOf({ weights, bias: head.bias }, inputs, examples)[0]!,
      5,
    );
    expect(controls.shuffledHead?.terms).toHaveLength(1);
  });

  test('the report is a table that names every head', async () => {
    const report = await fitHeads({ ...options, shuffledHeads: 2 });
    const table = fitTable(report);
    for (const { name } of report.heads) expect(table).toContain(`| ${name} |`);
    expect(table).toContain('2 heads on shuffled labels');
    const { figures, byDomain } = report.heads[0]!;
    const parts = Object.values(byDomain);
    expect(Object.keys(byDomain)).toEqual(['even', 'odd']);
    expect(parts.reduce((sum, { all }) => sum + all.tokens, 0)).toBe(figures.all.tokens);
    expect(parts.reduce((sum, { mismatches }) => sum + mismatches.wrong, 0)).toBe(figures.mismatches.wrong);
  });

  test('a problem on both sides is refused', async () => {
    await expect(fitHeads({ ...options, heldOut: options.train })).rejects.toThrow('train/0');
  });

  test.each(['train', 'calibration', 'heldOut'] as const)(
    'a state of the %s features that is no number is refused, and its place is named',
    async (part) => {
      const set = options[part];
      const { rows, read } = set.states['pre-norm']!;
      const bad = examplesOf(set).row.at(-1)!;
      const broken: StateRows = {
        rows,
        width: 12,
        read: (row, into, at) => {
          read(row, into, at);
          if (row === bad) into[at + 5] = Number.NaN;
        },
        placeOf: (row) => `the row ${row} of a file`,
      };
      const columns = { ...set.columns, argmax: set.columns.argmax.slice() };
      // a token that is asked about
      columns.argmax[bad] = columns.token[bad]! + 1;
      const states = { ...set.states, 'pre-norm': broken };
      for (const recipe of ['adamw', 'logistic'] as const)
        await expect(
          fitHeads({ ...options, recipe, fitOn: 'all', [part]: { ...set, columns, states } }),
        ).rejects.toThrow(`got NaN in unit 5 of the row ${bad} of a file`);
    },
  );

  test('features of another tokenizer, or of other weights, are refused by name', async () => {
    const { fingerprint } = options.model;
    for (const kind of ['tokenizer', 'weights'] as const) {
      const target = { fingerprint: { ...fingerprint, [kind]: 'another' }, dtype: 'fp32' };
      await expect(fitHeads({ ...options, train: { ...options.train, target } })).rejects.toThrow(
        `have the ${kind} another`,
      );
    }
  });

  test('features without a wrong token are refused', async () => {
    const right = {
      ...options.train,
      columns: {
        ...options.train.columns,
        correct: options.train.columns.correct.map((label) => (label === 0 ? 1 : label)),
      },
    };
    await expect(fitHeads({ ...options, train: right })).rejects.toSatisfy((error) =>
      JudgeDecodingError.is(error, 'invalid-input'),
    );
  });

  test('the logits-only inputs are top-1 probability, entropy and ln p(token)', () => {
    const [block] = logitInputs(options.train, true);
    const { topLogProb, entropy, chosen } = options.train.columns;
    const row = rowOf(block!.rows, 7);
    expect(row[0]).toBeCloseTo(Math.exp(topLogProb[7]!), 6);
    expect([row[1], row[2]]).toEqual([entropy[7], chosen[7]]);
  });
});
