import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  argmax,
  checkSampling,
  drawToken,
  JudgeDecodingError,
  processLogits,
  type SamplingOptions,
  uniformsOf,
} from '../src/index.ts';

const LOGITS = Float32Array.from([0.1, 0.2, 0.4, 0.3].map(Math.log));
const processed = (options: SamplingOptions, history: number[] = []) =>
  [...processLogits(LOGITS, options, history)].map((p) => Math.round(p * 1e6) / 1e6);

describe('processing p = (0.1, 0.2, 0.4, 0.3)', () => {
  test.each([
    [{ temperature: 1 }, [0.1, 0.2, 0.4, 0.3]],
    [{ temperature: 0 }, [0, 0, 1, 0]],
    [{ temperature: 0.5 }, [0.033333, 0.133333, 0.533333, 0.3]],
    [{ temperature: 1, topK: 2 }, [0, 0, 0.571429, 0.428571]],
    [{ temperature: 1, topP: 0.7 }, [0, 0, 0.571429, 0.428571]],
    [{ temperature: 1, topP: 0.71 }, [0, 0.222222, 0.444444, 0.333333]],
    [{ temperature: 1, topK: 3, topP: 0.5 }, [0, 0, 0.571429, 0.428571]],
    [{ temperature: 1, minP: 0.6 }, [0, 0, 0.571429, 0.428571]],
    [{ temperature: 1, banned: [2] }, [0.166667, 0.333333, 0, 0.5]],
    [{ temperature: 0, logitBias: [[0, 5]] }, [1, 0, 0, 0]],
    [{ temperature: 1, logitBias: [[2, Number.NEGATIVE_INFINITY]] }, [0.166667, 0.333333, 0, 0.5]],
  ] as const)('%j gives %j', (options, expected) => {
    expect(processed(options as SamplingOptions)).toEqual(expected);
  });

  test('penalties see the history: presence once, frequency each time, repetition by sign', () => {
    const presence = processed({ temperature: 1, presencePenalty: Math.log(2) }, [2, 2, 2]);
    expect(presence).toEqual([0.125, 0.25, 0.25, 0.375]);
    const frequency = processed({ temperature: 1, frequencyPenalty: Math.log(2) }, [2, 2]);
    expect(frequency[2]).toBeCloseTo(0.1 / 0.7, 6);
    const logits = Float32Array.of(2, -1);
    const repeated = processLogits(logits, { temperature: 1, repetitionPenalty: 2 }, [0, 1]);
    expect(Math.log(repeated[0]! / repeated[1]!)).toBeCloseTo(1 - -2, 9);
  });
});

test('a row of garbage is refused, not drawn from', () => {
  const garbage = Float32Array.of(Number.NaN, Number.NaN);
  expect(() => processLogits(garbage, { temperature: 1 }, [])).toThrow(/finite/);
});

test('drawing follows the cumulative distribution over ascending ids and never draws a token without weight', () => {
  const weights = Float64Array.of(0, 0.25, 0, 0.75, 0);
  expect([0, 0.2499, 0.25, 0.999999].map((u) => drawToken(weights, u))).toEqual([1, 1, 3, 3]);
  expect(() => drawToken(Float64Array.of(0, 0), 0.5)).toThrow(JudgeDecodingError);
});

test('argmax takes the lowest id on a tie and is not fooled by NaN', () => {
  expect(argmax([1, 3, 3])).toBe(1);
  expect(argmax([Number.NaN, 1, 2])).toBe(2);
});

test.each([
  [{ temperature: -1 }],
  [{ temperature: Number.NaN }],
  [{ temperature: 1, topK: 1.5 }],
  [{ temperature: 1, topP: 0 }],
  [{ temperature: 1, minP: 2 }],
  [{ temperature: 1, repetitionPenalty: 0 }],
  [{ temperature: 1, banned: [4] }],
  [{ temperature: 1, banned: [0, 1, 2, 3] }],
  [{ temperature: 1, logitBias: [[0, Number.NaN]] as const }],
] as SamplingOptions[][])('%j is refused', (options) => {
  expect(() => checkSampling(options!, 4)).toThrow(JudgeDecodingError);
});

test.each([
  ['banned', { temperature: 0, banned: [3, 4], logitBias: [[0, 1]] }],
  ['logitBias', { temperature: 0, banned: [3], logitBias: [[4, 1]] }],
] as [string, SamplingOptions][])('a token that is none is refused, naming %s', (name, options) => {
  expect(() => checkSampling(options, 4)).toThrow(
    `Expected \`${name}\` to be made of token ids below 4, got \`4\` (number).`,
  );
});

describe('uniform numbers', () => {
  test('depend on seed, round, position and purpose, and on nothing else', () => {
    const a = uniformsOf(1, 10);
    a(5, 'draft');
    expect(a(11, 'accept')).toBe(uniformsOf(1, 10)(11, 'accept'));
    const all = [
      uniformsOf(1, 10)(11, 'accept'),
      uniformsOf(2, 10)(11, 'accept'),
      uniformsOf(1, 11)(11, 'accept'),
      uniformsOf(1, 10)(12, 'accept'),
      uniformsOf(1, 10)(11, 'draft'),
      uniformsOf(1 + 2 ** 32, 10)(11, 'accept'),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  test('are uniform, and independent between neighbours', () => {
    const bins = new Array<number>(100).fill(0);
    const draws = 200_000;
    for (let i = 0; i < draws; i++) {
      const u = uniformsOf(i % 400, 3 + (i % 7))(Math.floor(i / 400), 'accept');
      const v = uniformsOf(i % 400, 3 + (i % 7))(Math.floor(i / 400), 'draft');
      bins[10 * Math.floor(10 * u) + Math.floor(10 * v)]!++;
    }
    const statistic = bins.reduce((sum, count) => sum + (count - draws / 100) ** 2 / (draws / 100), 0);
    expect(statistic).toBeLessThan(165); // 99 degrees of freedom, once in 30,000
  });

  test('lie in [0, 1)', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.nat(), fc.nat(), (seed, start, position) => {
        const u = uniformsOf(seed, start)(position, 'bonus');
        expect(u).toBeGreaterThanOrEqual(0);
        expect(u).toBeLessThan(1);
      }),
    );
  });
});

describe('penalties and the prompt', () => {
  // token 0 stands in the prompt, 1 was written, 2 is the prompt's end token, 3 is in neither
  const history = [0, 2, 1, 1];
  const scores = (options: Partial<SamplingOptions>) => {
    const all = { temperature: 1, promptLength: 2, uncountedInPrompt: [2], ...options };
    const probs = processLogits(Float32Array.of(1, 1, 1, 1), all, history);
    // against the token that nothing can touch
    return [0, 1, 2].map((id) => Math.round(Math.log(probs[id]! / probs[3]!) * 1e6) / 1e6);
  };

  test.each([
    ['usual', [-0.5, -0.5, 0]],
    ['all', [-0.5, -0.5, 0]],
    ['written', [0, -0.5, 0]],
  ] as const)('repetition with the scope %s', (penaltyScope, expected) => {
    expect(scores({ penaltyScope, repetitionPenalty: 2 })).toEqual(expected);
  });

  test.each([
    ['usual', [0, -0.25, 0], [0, -0.5, 0]],
    ['all', [-0.25, -0.25, 0], [-0.25, -0.5, 0]],
    ['written', [0, -0.25, 0], [0, -0.5, 0]],
  ] as const)('presence and frequency with the scope %s', (penaltyScope, presence, frequency) => {
    expect(scores({ penaltyScope, presencePenalty: 0.25 })).toEqual(presence);
    expect(scores({ penaltyScope, frequencyPenalty: 0.25 })).toEqual(frequency);
  });

  test('a token that is written counts also where it is uncounted in the prompt', () => {
    const options = { temperature: 1, promptLength: 1, uncountedInPrompt: [0], presencePenalty: 1 };
    const probs = processLogits(Float32Array.of(1, 1), options, [0, 0]);
    expect(Math.log(probs[0]! / probs[1]!)).toBeCloseTo(-1, 6);
  });

  test('an unknown scope is refused', () => {
    const options = { temperature: 1, penaltyScope: 'some' } as unknown as SamplingOptions;
    expect(() => checkSampling(options, 4)).toThrow('usual, all, written');
  });
});
