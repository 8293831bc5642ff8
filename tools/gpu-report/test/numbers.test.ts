import { expect, test } from 'vitest';
import { rocAuc } from '../src/numbers.ts';
import { agreement, operationsOf } from '../src/prefill.ts';

test.each<[string, number[], number[], number]>([
  ['all correct ones above', [1, 2, 3, 4], [0, 0, 1, 1], 1],
  ['all below', [4, 3, 2, 1], [0, 0, 1, 1], 0],
  ['ties count half', [1, 1], [0, 1], 0.5],
  ['one pair of four the wrong way round', [1, 3, 2, 4], [0, 0, 1, 1], 0.75],
])('ROC-AUC: %s', (_, scores, correct, expected) => {
  expect(rocAuc(Float64Array.from(scores), Uint8Array.from(correct))).toBe(expected);
});

test('operations of a prompt: two for each weight of the layers and token, and those of attention', () => {
  // Llama 3.1 8B: 218,103,808 weights a layer, without embedding and output
  const weights = 2 * 32 * 218_103_808;
  expect(operationsOf('llama-3.1-8b:bf16', 1)).toBe(weights + 2 * 32 * 2 * 4096);
  expect(operationsOf('llama-3.1-8b:bf16', 2048) / 1e12).toBeCloseTo(28.59 + 1.1, 1);
});

test('what ends at the last layer’s cache has less to do', () => {
  const [all, cache] = [
    operationsOf('llama-3.1-8b:bf16', 2048),
    operationsOf('llama-3.1-8b:bf16', 2048, 'cache'),
  ];
  // of one layer: the output and feed-forward matrices, and attention
  const rest = 4096 * 4096 + 3 * 4096 * 14_336;
  expect(all - cache).toBe(2 * (rest * 2048 + 2 * 4096 * ((2048 * 2049) / 2)));
});

test('agreement of scores: distance, favourites, and the largest difference beside a row’s spread', () => {
  const rows = (...values: number[][]) => values.map((row) => Float32Array.from(row));
  const same = agreement(rows([1, 2, 3], [0, 5, 1]), rows([1, 2, 3], [0, 5, 1]));
  expect(same).toEqual({ rows: 2, distance: 0, favourites: 2, largest: 0 });
  const other = agreement(rows([3, 0]), rows([0, 4]));
  expect(other).toEqual({ rows: 1, distance: 5 / 4, favourites: 0, largest: 2 });
  expect(agreement(rows([Number.NaN, 1]), rows([1, 2])).distance).toBeNaN();
});
