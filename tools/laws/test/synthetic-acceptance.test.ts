import {
  type Acceptance,
  complete,
  expectedAccepted,
  meanAcceptedLength,
  measuredAcceptance,
  repeatedToken,
  rule,
  synthetic,
} from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { speculate, toyPair } from './pair.ts';

const DRAFT_LENGTH = 6;

/** No token may end the text: what is accepted by chance has no end of its own. */
const endless = () => {
  const pair = toyPair({ agreement: 0.5, seed: 5, sharpness: 0.4, context: 4096 });
  return { ...pair, target: { ...pair.target, info: { ...pair.target.info, endTokens: [] } } };
};

test.each<Acceptance>([
  { kind: 'rate', rate: 0.8 },
  { kind: 'length', length: 3.25 },
  { kind: 'profile', rates: [0.9, 0.5, 0.5, 0.1] },
])('rounds accept what was assumed, whatever the draft says: $kind', async (acceptance) => {
  const { stats } = await speculate(endless(), {
    prompt: [1],
    rule: rule(synthetic(acceptance)),
    draftLength: DRAFT_LENGTH,
    maxTokens: 3000,
    seed: 7,
  });
  const { accepted } = meanAcceptedLength(stats);
  // six standard errors of a mean over some 700 rounds, none of which can differ by more than 6
  expect(Math.abs(accepted - expectedAccepted(acceptance, DRAFT_LENGTH))).toBeLessThan(0.5);
  const measured = measuredAcceptance(stats)!;
  expect(expectedAccepted(measured, DRAFT_LENGTH)).toBeCloseTo(accepted, 1);
});

test('a length has no spread but that of its fraction', async () => {
  const { stats } = await speculate(endless(), {
    prompt: [1],
    rule: rule(synthetic({ kind: 'length', length: 4 })),
    draftLength: DRAFT_LENGTH,
    maxTokens: 500,
  });
  expect(stats.acceptedHistogram).toEqual([0, 0, 0, 0, stats.rounds]);
});

test('no draft model is needed', async () => {
  const { target } = endless();
  const session = await target.openSession();
  const { stats } = await complete({
    model: target.info,
    target: session,
    draft: repeatedToken(),
    prompt: [1],
    rule: rule(synthetic({ kind: 'rate', rate: 1 })),
    draftLength: DRAFT_LENGTH,
    maxTokens: 70,
  });
  expect(stats.rounds).toBe(10);
  await session.dispose();
});
