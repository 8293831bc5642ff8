import { expect, test } from 'vitest';
import { rocAuc } from '../src/numbers.ts';

test.each<[string, number[], number[], number]>([
  ['all correct ones above', [1, 2, 3, 4], [0, 0, 1, 1], 1],
  ['all below', [4, 3, 2, 1], [0, 0, 1, 1], 0],
  ['ties count half', [1, 1], [0, 1], 0.5],
  ['one pair of four the wrong way round', [1, 3, 2, 4], [0, 0, 1, 1], 0.75],
])('ROC-AUC: %s', (_, scores, correct, expected) => {
  expect(rocAuc(Float64Array.from(scores), Uint8Array.from(correct))).toBe(expected);
});
