import { describe, expect, test } from 'vitest';
import { rewriteAliases } from '../../src/options/aliases.ts';
import { closest } from '../../src/options/closest.ts';
import { readNumber } from '../../src/options/flag-value.ts';
import { logitBiasFlag } from '../../src/options/logit-bias.ts';
import { samplingNotices, samplingOf } from '../../src/options/sampling-flags.ts';

describe('familiar names', () => {
  test.each([
    [
      ['-m', 'big', '-md', 'small'],
      ['--target', 'big', '--draft', 'small'],
    ],
    [['--model=big'], ['--target=big']],
    [
      ['--num-speculative-tokens', '8'],
      ['--draft-length', '8'],
    ],
    [
      ['-c', '512', '--temp', '1'],
      ['--context', '512', '--temperature', '1'],
    ],
    [
      ['--repeat-penalty', '1.1'],
      ['--repetition-penalty', '1.1'],
    ],
    [['--judge-threshold=a=b'], ['--threshold=a=b']],
    [
      ['--', '-m', 'x'],
      ['--', '-m', 'x'],
    ],
    [
      ['generate', 'constructor'],
      ['generate', 'constructor'],
    ],
  ])('%j becomes %j', (argv, rewritten) => {
    expect(rewriteAliases(argv)).toEqual({ argv: rewritten, warnings: [] });
  });

  test('old names work, with a warning', () => {
    expect(rewriteAliases(['--draft-max', '16'])).toEqual({
      argv: ['--draft-length', '16'],
      warnings: ['--draft-max is an old name: use --draft-length.'],
    });
  });
});

describe('numbers', () => {
  test.each([
    ['1', 1],
    ['-0.5', -0.5],
    ['.5', 0.5],
    ['1e-4', 1e-4],
    ['', Number.NaN],
    [' 1', Number.NaN],
    ['0x10', Number.NaN],
    ['Infinity', Number.NaN],
    ['1_000', Number.NaN],
  ])('%j reads as %d', (text, value) => expect(readNumber(text)).toBe(value));
});

describe('--logit-bias', () => {
  test.each([
    ['15043:-100', [[15043, -100]]],
    ['1=0.5', [[1, 0.5]]],
    ['15043-1', [[15043, -1]]],
    ['7+2.5', [[7, 2.5]]],
    [
      '1:2,3:4',
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ])('%s', (text, pairs) => expect(logitBiasFlag(text)).toEqual(pairs));

  test('adds up when repeated', () =>
    expect(logitBiasFlag('3:4', [[1, 2]])).toEqual([
      [1, 2],
      [3, 4],
    ]));

  test.each(['', '5', 'a:1', '5:', '5:x', '-5:1'])('%j is refused', (text) => {
    expect(() => logitBiasFlag(text)).toThrow('Expected --logit-bias to be TOKEN:BIAS');
  });
});

describe('sampling flags', () => {
  test('leave out what was not given', () => {
    expect(samplingOf({})).toEqual({ temperature: 0 });
    expect(samplingOf({ temperature: 0.8, topP: 0.9, seed: 3 })).toEqual({ temperature: 0.8, topP: 0.9 });
  });

  test('that do nothing under greedy decoding are said', () => {
    expect(samplingNotices({ topP: 0.9, seed: 1 })).toEqual([
      'Decoding is greedy, so --top-p and --seed do nothing: add --temperature.',
    ]);
    expect(samplingNotices({ temperature: 1, topP: 0.9 })).toEqual([]);
    expect(samplingNotices({ repetitionPenalty: 1.1 })).toEqual([]);
  });
});

test.each([
  ['--temprature', ['--temperature', '--threads'], '--temperature'],
  ['judeg', ['judge', 'kl'], 'judge'],
  ['x', ['kl', 'fly'], undefined],
  ['something', ['kl', 'fly'], undefined],
])('%s is closest to %3$s', (word, words, found) => expect(closest(word, words)).toBe(found));
