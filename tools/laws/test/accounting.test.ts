import {
  anyOf,
  draftSession,
  exactMatch,
  floor,
  generate,
  judged,
  merge,
  NO_STATS,
  record,
  rule,
} from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headFor, speculate, toyPair } from './pair.ts';

test('the accounting identities hold on random runs, ends inside a run included', async () => {
  let endedInside = 0;
  let withheld = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 0, max: 9 }),
      fc.constantFrom(0.6, 0.9, 1),
      fc.boolean(),
      fc.integer({ min: 1, max: 60 }),
      async (seed, draftLength, agreement, bonus, maxTokens) => {
        const pair = toyPair({ seed, vocab: 11, agreement, context: 64 });
        const head = headFor(pair.target, (i) => Math.sin(seed + i));
        const { stats, tokens, finish } = await speculate(pair, {
          prompt: [1, 2, 3],
          rule: rule(exactMatch(), anyOf(judged(head), floor(0.2))),
          draftLength,
          bonus,
          maxTokens,
        });
        expect(stats.committed).toBe(tokens.length);
        expect(stats.committed).toBe(stats.accepted + stats.recovered + stats.bonus);
        expect(stats.recovered + stats.bonus + stats.withheld).toBe(stats.rounds - stats.endedInside);
        expect(Object.values(stats.acceptedBySource).reduce((a, b) => a + b, 0)).toBe(stats.accepted);
        expect(stats.acceptedByPosition.reduce((a, b) => a + b, 0)).toBe(stats.accepted);
        expect(stats.draftedByPosition.reduce((a, b) => a + b, 0)).toBe(stats.drafted);
        expect(stats.acceptedHistogram.reduce((a, b) => a + b, 0)).toBe(stats.rounds);
        expect(stats.endedInside).toBeLessThanOrEqual(1);
        expect(finish.reason).toMatch(/end|length|context/);
        endedInside += stats.endedInside;
        withheld += stats.withheld;
      },
    ),
    { numRuns: 400, seed: 3 },
  );
  expect(endedInside).toBeGreaterThan(20);
  expect(withheld).toBeGreaterThan(20);
}, 120_000);

test('statistics merge in any order and survive JSON', async () => {
  const pair = toyPair({ seed: 5, vocab: 11, agreement: 0.9, context: 64 });
  const runs = await Promise.all(
    [2, 4, 7].map(
      async (draftLength) => (await speculate(pair, { prompt: [1], draftLength, maxTokens: 30 })).stats,
    ),
  );
  const [a, b, c] = runs as [typeof NO_STATS, typeof NO_STATS, typeof NO_STATS];
  expect(merge(merge(a, b), c)).toEqual(merge(a, merge(b, c)));
  expect(merge(a, b).rounds).toBe(a.rounds + b.rounds);
  expect(JSON.parse(JSON.stringify(a))).toEqual(a);
  expect(merge(NO_STATS, a)).toEqual(a);
});

test('a round counts what it committed, by source', () => {
  const stats = record(NO_STATS, {
    drafted: 4,
    sources: ['standard', 'judge', 'recovered'],
    withheld: false,
    endedInside: false,
    scores: [0.97, 0.51, 0.02],
    times: { draft: 1, verify: 2 },
  });
  expect(stats).toMatchObject({ rounds: 1, drafted: 4, accepted: 2, recovered: 1, bonus: 0, committed: 3 });
  expect(stats.acceptedBySource).toEqual({ standard: 1, judge: 1 });
  expect(stats.acceptedHistogram).toEqual([0, 0, 1]);
  expect([stats.scoreHistogram[19], stats.scoreHistogram[10], stats.scoreHistogram[0]]).toEqual([1, 1, 1]);
});

test('times come from the clock that is passed in, and the consumer’s own time is not counted', async () => {
  const { target, draft } = toyPair({ seed: 2, vocab: 11, agreement: 0.9, context: 64 });
  let clock = 0;
  const rounds = generate({
    model: target.info,
    target: await target.openSession(),
    draft: draftSession(draft, await draft.openSession()),
    prompt: [1, 2],
    maxTokens: 12,
    now: () => clock++,
  });
  let count = 0;
  let next = await rounds.next();
  while (!next.done) {
    clock += 1000;
    count++;
    next = await rounds.next();
  }
  const { times } = next.value.stats;
  expect(times.draft).toBe(count);
  expect(times.verify).toBe(count);
  expect(times.rest).toBe(count);
  expect(times.prefill).toBe(1);
});
