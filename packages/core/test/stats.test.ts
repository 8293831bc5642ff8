import { expect, test } from 'vitest';
import { merge, NO_STATS, type RoundCount, readBacksPerRound, record } from '../src/index.ts';

const round = (readBacks: RoundCount['readBacks']): RoundCount => ({
  drafted: 1,
  sources: ['bonus'],
  withheld: false,
  endedInside: false,
  scores: [],
  times: {},
  readBacks,
});

test('read-backs add up over rounds and generations, each model for itself', () => {
  const one = record(NO_STATS, round({ target: { count: 1, bytes: 272 }, draft: { count: 1, bytes: 128 } }));
  const two = record(one, round({ target: { count: 1, bytes: 100 } }));
  expect(two.readBacks).toEqual({ target: { count: 2, bytes: 372 }, draft: { count: 1, bytes: 128 } });
  expect(readBacksPerRound(two)).toEqual({ count: 1.5, bytes: 250 });
  const all = merge({ ...two, placements: { 'webgpu, draft cpu': 1 } }, record(NO_STATS, round(undefined)));
  expect(all.readBacks).toEqual(two.readBacks);
  expect(all.placements).toEqual({ 'webgpu, draft cpu': 1 });
});

test('where no device counts there are none, rather than none read', () => {
  const stats = record(NO_STATS, round(undefined));
  expect('readBacks' in stats).toBe(false);
  expect(readBacksPerRound(stats)).toBeUndefined();
});
