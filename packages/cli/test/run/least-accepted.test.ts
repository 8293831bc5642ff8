import { expect, test } from 'vitest';
import { leastAccepted } from '../../src/commands/doctor-speculation.ts';

const costs = {
  verify: [
    [1, 10],
    [9, 14],
    [17, 18],
  ] as const,
  draftToken: 1,
  draftPrefillToken: 0,
};

test.each([
  [8, (14 + 8) / 10 - 1],
  [16, (18 + 16) / 10 - 1],
])('a round of %d drafted tokens pays from %d accepted', (length, accepted) => {
  expect(leastAccepted(costs, length)).toBeCloseTo(accepted, 12);
});
