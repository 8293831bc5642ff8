import { describe, expect, test } from 'vitest';
import { type Costs, leastAccepted, predictRound } from '../src/index.ts';

const costs: Costs = {
  verify: [
    [1, 10],
    [9, 12],
    [17, 16],
  ],
  draftToken: 1,
  draftPrefillToken: 0.5,
};

describe('the round’s cost model', () => {
  test('adds up verify, drafted tokens and overhead', () => {
    const round = predictRound({
      costs,
      acceptance: { kind: 'length', length: 6 },
      draftLength: 8,
      overhead: 2,
    });
    expect(round).toEqual({
      draftLength: 8,
      accepted: 6,
      committed: 7,
      verify: 12,
      draft: 8,
      overhead: 2,
      milliseconds: 22,
      tokensPerSecond: 7000 / 22,
      timesPlain: (7 * 12) / 22,
    });
  });

  test('a rule pays for what it asks of the rows, and for no more tokens than were drafted', () => {
    const dear: Costs = { ...costs, outputs: { chosen: 0.1, logits: 1 }, draftLogits: 0.25 };
    const acceptance = { kind: 'length', length: 6 } as const;
    const asking = predictRound({
      costs: dear,
      acceptance,
      draftLength: 10,
      drafted: 8,
      outputs: ['argmax', 'chosen'],
      draftLogits: true,
    });
    expect(asking.verify).toBeCloseTo(12 + 9 * 0.1, 9);
    expect(asking.draft).toBeCloseTo(8 + 8 * 0.25, 9);
    expect(asking.committed).toBe(7);
  });

  test('a draft behind one that was accepted whole reads a token more', () => {
    const dear: Costs = { ...costs, draftCatchUp: 4 };
    const at = (rate: number) =>
      predictRound({ costs: dear, acceptance: { kind: 'rate', rate }, draftLength: 2 }).draft;
    expect([at(0), at(0.5), at(1)]).toEqual([2, 3, 6]);
  });

  test('without a draft it is plain decoding', () => {
    const { committed, milliseconds, timesPlain } = predictRound({
      costs,
      acceptance: { kind: 'rate', rate: 0.9 },
      draftLength: 0,
      overhead: 1,
    });
    expect({ committed, milliseconds, timesPlain }).toEqual({
      committed: 1,
      milliseconds: 11,
      timesPlain: 1,
    });
  });

  // Leviathan et al. 2023, theorem 3.8: (1 - a^(g+1)) / ((1 - a)(g c + 1)) where a pass costs the same at any width
  test.each([
    { rate: 0.8, length: 5, cost: 0.05 },
    { rate: 0.6, length: 3, cost: 0.2 },
  ])(
    'is the theorem where passes cost the same at any width: $rate, $length, $cost',
    ({ rate, length, cost }) => {
      const flat: Costs = { verify: [[1, 1]], draftToken: cost, draftPrefillToken: 0 };
      const { timesPlain } = predictRound({
        costs: flat,
        acceptance: { kind: 'rate', rate },
        draftLength: length,
      });
      expect(timesPlain).toBeCloseTo((1 - rate ** (length + 1)) / ((1 - rate) * (length * cost + 1)), 12);
    },
  );
});

test.each([
  { draftLength: 8, accepted: (12 + 8) / 10 - 1 },
  { draftLength: 16, accepted: (16 + 16) / 10 - 1 },
])(
  'as many accepted as the model asks for cost what plain decoding costs: $draftLength',
  ({ draftLength, accepted }) => {
    expect(leastAccepted(costs, draftLength)).toBeCloseTo(accepted, 12);
    const acceptance = { kind: 'length', length: accepted } as const;
    expect(predictRound({ costs, acceptance, draftLength }).timesPlain).toBeCloseTo(1, 12);
  },
);

test('texts that end inside a round commit fewer tokens in the same time', () => {
  const assumed = { costs, acceptance: { kind: 'rate', rate: 0.9 }, draftLength: 4 } as const;
  const whole = predictRound(assumed);
  const ended = predictRound({ ...assumed, committed: whole.committed / 2 });
  expect(ended.milliseconds).toBe(whole.milliseconds);
  expect(ended.tokensPerSecond).toBeCloseTo(whole.tokensPerSecond / 2, 9);
  expect(ended.timesPlain).toBeCloseTo(whole.timesPlain / 2, 9);
});

test('where a pass costs no more than a step, none has to be accepted', () => {
  const free: Costs = { verify: [[1, 10]], draftToken: 0, draftPrefillToken: 0 };
  expect(leastAccepted(free, 4)).toBe(0);
});
