import { expect, test } from 'vitest';
import { inverseFrequencies } from '../src/index.ts';

test.each([
  {
    of: 'plain',
    headDim: 8,
    rope: { theta: 10_000, scaling: null },
    expected: [1, 0.1, 0.01, 0.001],
  },
  {
    of: 'linear',
    headDim: 8,
    rope: { theta: 10_000, scaling: { type: 'linear', factor: 4 } as const },
    expected: [0.25, 0.025, 0.0025, 0.00025],
  },
  {
    // transformers' _compute_llama3_parameters with these numbers, in float64
    of: 'llama3',
    headDim: 32,
    rope: {
      theta: 500_000,
      scaling: {
        type: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContextLength: 8192,
      } as const,
    },
    expected: [
      1.0, 0.44036660267178046, 0.19392274474868576, 0.08539710028576561, 0.03760603093086393,
      0.016560440080994446, 0.0072926647372171085, 0.0032114459947525913, 0.0005248461609929547,
      7.78465527393245e-5, 3.428102195952591e-5, 1.509621717643313e-5, 6.647869871181236e-6,
      2.9274998701761677e-6, 1.2891731721515574e-6, 5.677088100759837e-7,
    ],
  },
])('$of frequencies are those of transformers', ({ headDim, rope, expected }) => {
  const frequencies = inverseFrequencies({ headDim, rope });
  expect(frequencies.length).toBe(expected.length);
  for (const [i, frequency] of expected.entries()) {
    expect(Math.abs(frequencies[i]! - frequency)).toBeLessThan(1e-12 * frequency);
  }
});
