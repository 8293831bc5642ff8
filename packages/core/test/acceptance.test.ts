import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Acceptance,
  conditionalRates,
  expectedAccepted,
  JudgeDecodingError,
  measuredAcceptance,
  NO_STATS,
  parseAcceptance,
  parseAcceptanceProfile,
  record,
} from '../src/index.ts';

describe('what is assumed, as a word', () => {
  test.each([
    ['0.8', { kind: 'rate', rate: 0.8 }],
    ['0', { kind: 'rate', rate: 0 }],
    ['1', { kind: 'rate', rate: 1 }],
    ['.5', { kind: 'rate', rate: 0.5 }],
    ['length:19', { kind: 'length', length: 19 }],
    ['length:3.25', { kind: 'length', length: 3.25 }],
  ])('%s', (text, expected) => {
    expect(parseAcceptance(text)).toEqual(expected);
  });

  test.each(['profile.json', './0.8.csv', '0.8.csv', 'lengths'])('%s may be a file', (text) => {
    expect(parseAcceptance(text)).toBeUndefined();
  });

  test.each(['1.2', '-0.1', '80', 'length:', 'length:-1', 'length:many', 'length:Infinity'])(
    '%s is refused',
    (text) => {
      expect(() => parseAcceptance(text)).toThrow(/synthetic acceptance/);
    },
  );
});

describe('a profile in a file', () => {
  test.each([
    ['a list', '[0.9, 0.7, 0.7, 0]'],
    ['as speculators write it', '{"num_drafts": 10, "per_position_acceptance": [0.9, 0.7, 0.7, 0]}'],
    ['CSV', 'arm,position,acceptance_rate\njudge,0,0.9\njudge,1,0.7\njudge,2,0.7\njudge,3,0\n'],
  ])('%s', (_, text) => {
    expect(parseAcceptanceProfile(text, 'f')).toEqual({ kind: 'profile', rates: [0.9, 0.7, 0.7, 0] });
  });

  test.each([
    ['rises', '[0.5, 0.6]', 'position 1'],
    ['is more than one', '[1.5]', 'position 0'],
    ['is empty', '[]', 'positions'],
    ['is no JSON', '[0.5', 'JSON'],
    ['holds words', '["a"]', 'list of numbers'],
    ['lacks the column', 'position,rate\n0,0.5', 'acceptance_rate'],
    ['lacks a number', 'acceptance_rate\n0.5\nx', 'line 3'],
    ['lacks a cell', 'position,acceptance_rate\n0', 'line 2'],
  ])('that %s is refused, by name', (_, text, said) => {
    expect(() => parseAcceptanceProfile(text, 'profile.csv')).toThrow(said);
    try {
      parseAcceptanceProfile(text, 'profile.csv');
    } catch (error) {
      expect(JudgeDecodingError.is(error, 'invalid-file')).toBe(true);
      expect((error as Error).message).toContain('profile.csv');
    }
  });
});

describe('chances by position', () => {
  test('of a rate are all the same', () => {
    expect(conditionalRates({ kind: 'rate', rate: 0.8 }, 3)).toEqual([0.8, 0.8, 0.8]);
  });

  test('of a length are spent on the first positions', () => {
    expect(conditionalRates({ kind: 'length', length: 2.25 }, 4)).toEqual([1, 1, 0.25, 0]);
  });

  test('of a profile are its steps, and its last step goes on', () => {
    const rates = conditionalRates({ kind: 'profile', rates: [0.8, 0.4] }, 4);
    expect(rates).toEqual([0.8, 0.5, 0.5, 0.5]);
  });

  test('a length is what a long enough draft accepts, and no draft accepts more than it has', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 40, noNaN: true }), fc.nat(40), (length, draftLength) => {
        const accepted = expectedAccepted({ kind: 'length', length }, draftLength);
        expect(accepted).toBeCloseTo(Math.min(length, draftLength), 9);
      }),
    );
  });

  test('a rate adds up to a geometric sum', () => {
    expect(expectedAccepted({ kind: 'rate', rate: 0.5 }, 3)).toBeCloseTo(0.5 + 0.25 + 0.125, 12);
  });
});

test('what a run accepted is a profile that predicts it', () => {
  const rounds = [4, 0, 2, 4, 1];
  const stats = rounds.reduce(
    (sum, accepted) =>
      record(sum, {
        drafted: 4,
        sources: [...Array<string>(accepted).fill('standard'), accepted === 4 ? 'bonus' : 'recovered'],
        withheld: false,
        endedInside: false,
        scores: [],
        times: {},
      }),
    NO_STATS,
  );
  const profile = measuredAcceptance(stats) as Extract<Acceptance, { kind: 'profile' }>;
  expect(profile.rates.map((rate) => rate * rounds.length)).toEqual([
    expect.closeTo(4, 9),
    expect.closeTo(3, 9),
    expect.closeTo(2, 9),
    expect.closeTo(2, 9),
  ]);
  expect(expectedAccepted(profile, 4)).toBeCloseTo(stats.accepted / stats.rounds, 9);
  expect(measuredAcceptance(NO_STATS)).toBeUndefined();
});
