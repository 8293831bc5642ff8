import {
  type Admission,
  allOf,
  anyOf,
  complete,
  draftSession,
  everything,
  exactMatch,
  exampleOf,
  floor,
  fly,
  generate,
  judged,
  lossless,
  RULES,
  rule,
  topK,
  UNGUARDED,
  valuesOf,
  verify,
} from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headFor, speculate, toyPair } from './pair.ts';

const seeds = fc.integer({ min: 1, max: 10_000 });

test.each(['greedy', 'sampling'] as const)(
  'on the same prefix, draft and uniforms, %s with an admission never accepts fewer tokens than the base alone',
  async (decoding) => {
    const base = decoding === 'greedy' ? exactMatch() : lossless();
    const more = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(seeds, fc.double({ min: 0, max: 1, noNaN: true }), async (seed, threshold) => {
        const { target, draft } = toyPair({ seed, vocab: 11, agreement: 0.8, context: 64 });
        const head = headFor(target, (i) => Math.cos(seed * 3 + i));
        const surroundings = { sampling: { temperature: decoding === 'greedy' ? 0 : 1 }, head };
        const ofTheTable = RULES.filter((row) => row.kind === 'admission')
          .map((row) => row.build(valuesOf(row, exampleOf(row)), surroundings))
          .filter((admission) => decoding === 'greedy' || admission.decoding !== 'greedy');
        const admissions: Admission[] = [
          ...ofTheTable,
          judged(head, { threshold }),
          topK(3),
          anyOf(judged(head, { threshold }), floor(0.3)),
          allOf(judged(head, { threshold }), floor(0.05)),
          ...(decoding === 'greedy' ? [fly({ window: 2 })] : []),
        ];
        const rounds = generate({
          model: target.info,
          target: await target.openSession(),
          draft: draftSession(draft, await draft.openSession()),
          prompt: [1, 2, 3],
          maxTokens: 24,
          seed,
          sampling: { temperature: decoding === 'greedy' ? 0 : 1 },
          // asks for every output, so that each round can be judged again by every rule
          rule: rule(base, allOf(...admissions)),
        });
        for await (const { round } of rounds) {
          const alone = verify(round, rule(base), UNGUARDED).sources.length;
          for (const admission of admissions) {
            const withIt = verify(round, rule(base, admission), UNGUARDED).sources;
            expect(withIt.length).toBeGreaterThanOrEqual(alone);
            expect(withIt.slice(0, alone)).toEqual(Array(alone).fill('standard'));
            more.set(admission.name, (more.get(admission.name) ?? 0) + withIt.length - alone);
          }
        }
      }),
      { numRuns: 100, seed: 11 },
    );
    // each of them let something in, so each was tried
    for (const [name, tokens] of more) expect(tokens, name).toBeGreaterThan(5);
    expect(more.size).toBeGreaterThan(10);
  },
  120_000,
);

test('threshold 1 is strict decoding, token for token', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 1, max: 12 }), async (seed, draftLength) => {
      const pair = toyPair({ seed, vocab: 11, agreement: 0.8, context: 64 });
      // a head that is sure of everything: only the threshold holds it back
      const head = headFor(pair.target, () => 0, { bias: 1e6 });
      const options = { prompt: [1, 2], draftLength, maxTokens: 30 };
      const strict = await speculate(pair, options);
      const judge = await speculate(pair, {
        ...options,
        rule: rule(exactMatch(), judged(head, { threshold: 1 })),
      });
      expect(judge.tokens).toEqual(strict.tokens);
      expect(judge.stats.acceptedBySource).toEqual(strict.stats.acceptedBySource);
    }),
    { numRuns: 200, seed: 5 },
  );
}, 60_000);

test('accept-everything without guards and bonus is the draft alone, from its first token on', async () => {
  await fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 1, max: 12 }), async (seed, draftLength) => {
      const pair = toyPair({ seed, vocab: 11, agreement: 0.5, context: 64 });
      const prompt = [1, 2, 3];
      const alone = await complete({
        model: pair.draft.info,
        target: await pair.draft.openSession(),
        prompt,
        maxTokens: 30,
      });
      const all = await speculate(pair, {
        prompt,
        draftLength,
        maxTokens: 30,
        rule: rule(exactMatch(), everything()),
        guards: 'off',
        bonus: false,
      });
      expect(all.tokens).toEqual(alone.tokens);
      expect(all.stats.recovered + all.stats.bonus).toBe(0);
    }),
    { numRuns: 200, seed: 6 },
  );
}, 60_000);

test('guards: no end, special or stop token comes in through an admission, nor one that completes a stop string', async () => {
  let admitted = 0;
  await fc.assert(
    fc.asyncProperty(seeds, async (seed) => {
      const pair = toyPair({ seed, vocab: 11, agreement: 0, context: 128, endTokens: [0, 4] });
      const bytesOf = (token: number) => Uint8Array.of(97 + token);
      const { target, draft } = pair;
      const rounds = generate({
        model: target.info,
        target: await target.openSession(),
        draft: draftSession(draft, await draft.openSession()),
        prompt: [1, 2],
        maxTokens: 60,
        draftLength: 5,
        rule: rule(exactMatch(), everything()),
        stop: { tokens: [5], strings: ['gh'], bytesOf },
        guards: { leastProbability: 0.01, mostInARow: 2 },
      });
      const text: number[] = [];
      let inARow = 0;
      for await (const { tokens, round } of rounds) {
        inARow = 0;
        for (const [i, { id, source }] of tokens.entries()) {
          text.push(id);
          inARow = source === 'everything' ? inARow + 1 : 0;
          if (source !== 'everything') continue;
          admitted++;
          expect([0, 4, 5]).not.toContain(id);
          expect([0, 4, 5]).not.toContain(round.target.argmax(i));
          expect(round.belief.logProb(i)).toBeGreaterThanOrEqual(Math.log(0.01));
          expect(text.slice(-2)).not.toEqual([6, 7]);
          expect(inARow).toBeLessThanOrEqual(2);
        }
      }
    }),
    { numRuns: 200, seed: 8 },
  );
  expect(admitted).toBeGreaterThan(500);
}, 60_000);
