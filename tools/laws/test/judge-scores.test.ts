import { draftSession, exactMatch, generate, judged, judgeLogit, rule } from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headFor, toyPair } from './pair.ts';

test('scores agree with a float64 reference on the hidden states, at the token’s own row', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 10_000 }),
      fc.constantFrom('pre-norm' as const, 'post-norm' as const),
      fc.constantFrom('own' as const, 'previous' as const),
      async (seed, state, row) => {
        const { target, draft } = toyPair({ seed, vocab: 11, agreement: 0.7, context: 64 });
        const head = headFor(target, (i) => Math.sin(seed + 2 * i), { state, row, bias: 0.3 });
        const rounds = generate({
          model: target.info,
          target: await target.openSession(),
          draft: draftSession(draft, await draft.openSession()),
          prompt: [1, 2, 3],
          maxTokens: 20,
          draftLength: 4,
          rule: rule(exactMatch(), judged(head)),
        });
        const reference = await target.openSession();
        for await (const { scores, round } of rounds) {
          reference.truncate(0);
          const text = [...round.text, ...round.draft];
          const { hidden } = await reference.forward(text, { hidden: [state] });
          const size = target.info.hiddenSize;
          for (const [i, score] of scores.entries()) {
            const at = (round.text.length + i - (row === 'previous' ? 1 : 0)) * size;
            let logit = 0.3;
            for (let d = 0; d < size; d++) logit += head.terms[0]!.weights[d]! * hidden[0]![at + d]!;
            expect(score).toBeCloseTo(1 / (1 + Math.exp(-logit)), 4);
            compared++;
          }
        }
      },
    ),
    { numRuns: 100, seed: 9 },
  );
  expect(compared).toBeGreaterThan(1000);
}, 60_000);

test('a score does not change when later tokens change', async () => {
  const { target } = toyPair({ seed: 4, vocab: 11, agreement: 0.7, context: 64 });
  const head = headFor(target, (i) => Math.sin(i));
  const scoresOf = async (tokens: number[]) => {
    const session = await target.openSession();
    const { judge } = await session.forward(tokens, { judge: head.terms });
    return tokens.map((_, row) => judgeLogit(head, row, (_term, at) => judge[at]!));
  };
  const before = await scoresOf([1, 2, 3, 4, 5, 6]);
  const after = await scoresOf([1, 2, 3, 9, 8, 7]);
  expect(after.slice(0, 3)).toEqual(before.slice(0, 3));
  expect(after.slice(3)).not.toEqual(before.slice(3));
});
