import { expect, test } from 'vitest';
import { rocAuc } from '../src/numbers.ts';
import { operationsOf } from '../src/prefill.ts';

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
