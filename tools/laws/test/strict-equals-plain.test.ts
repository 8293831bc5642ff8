import { fixedText, ngramLookup, stopMatcher } from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainText } from './oracle.ts';
import { speculate, toyPair } from './pair.ts';

const cases = fc.record({
  seed: fc.integer({ min: 1, max: 10_000 }),
  agreement: fc.constantFrom(0, 0.5, 0.8, 0.95, 1),
  draftLength: fc.integer({ min: 0, max: 17 }),
  prompt: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 20 }),
  maxTokens: fc.integer({ min: 1, max: 40 }),
  context: fc.constantFrom(24, 64),
  penalty: fc.constantFrom(1, 1.3),
  presence: fc.constantFrom(0, 0.7),
  penaltyScope: fc.constantFrom('usual', 'all', 'written'),
  source: fc.constantFrom('model', 'n-gram', 'fixed'),
});

test('strict greedy decoding writes the text of plain decoding, on 1,000 random cases', async () => {
  let accepted = 0;
  let rejected = 0;
  await fc.assert(
    fc.asyncProperty(
      cases,
      async ({ seed, agreement, draftLength, prompt, maxTokens, context, source, ...penalties }) => {
        const pair = toyPair({ seed, vocab: 13, context, agreement });
        const { penalty: repetitionPenalty, presence: presencePenalty, penaltyScope } = penalties;
        const sampling = { temperature: 0, repetitionPenalty, presencePenalty, penaltyScope } as const;
        const { specialTokens, endTokens } = pair.target.info;
        const plain = await plainText(pair.target, prompt, {
          maxTokens,
          sampling: {
            ...sampling,
            promptLength: prompt.length,
            uncountedInPrompt: [...specialTokens, ...endTokens],
          },
        });
        const given = plain.map((token, i) => (i % 5 === 4 ? (token + 1) % 13 : token));
        const { tokens, stats } = await speculate(pair, {
          prompt,
          draftLength,
          maxTokens,
          sampling,
          ...(source === 'n-gram' ? { draft: ngramLookup() } : {}),
          ...(source === 'fixed' ? { draft: fixedText(given, { promptLength: prompt.length }) } : {}),
        });
        expect(tokens).toEqual(plain);
        accepted += stats.accepted;
        rejected += stats.recovered;
      },
    ),
    { numRuns: 1000, seed: 20250119 },
  );
  // the property says nothing unless both outcomes were common
  expect(accepted).toBeGreaterThan(2000);
  expect(rejected).toBeGreaterThan(2000);
});

test('a stop token or stop string inside an accepted block cuts where plain decoding would have', async () => {
  const bytesOf = (token: number) => Uint8Array.of(97 + token);
  await fc.assert(
    fc.asyncProperty(
      cases,
      fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 2 }),
      async ({ seed, prompt, draftLength }, wanted) => {
        const pair = toyPair({ seed, vocab: 13, agreement: 0.95, context: 128 });
        const plain = await plainText(pair.target, prompt, { maxTokens: 40 });
        const strings = [String.fromCharCode(...wanted.map((token) => 97 + token))];
        const at = stopMatcher({ strings, bytesOf }).find(plain);
        const stopped = await speculate(pair, {
          prompt,
          draftLength,
          maxTokens: 40,
          stop: { strings, bytesOf },
        });
        expect(stopped.tokens).toEqual(at < 0 ? plain : plain.slice(0, at + 1));
        const byToken = await speculate(pair, {
          prompt,
          draftLength,
          maxTokens: 40,
          stop: { tokens: [wanted[0]!] },
        });
        const first = plain.indexOf(wanted[0]!);
        expect(byToken.tokens).toEqual(first < 0 ? plain : plain.slice(0, first + 1));
      },
    ),
    { numRuns: 200, seed: 7 },
  );
});
