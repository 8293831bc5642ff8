import {
  buildRule,
  complete,
  draftSession,
  type GenerateOptions,
  GREEDY,
  isLossless,
  parseRule,
  type SamplingOptions,
} from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { headFor, speculate, toyPair } from './pair.ts';

const DRAFT_LENGTH = 5;
const VOCAB = 11;

/** Numbers with which a rule is nearly, or just, strict verification. */
const TEXTS = [
  ...['random:0', 'random:0.3', 'topk:1', 'topk:2', 'relaxed:1', 'relaxed:2', 'floor:0.5', 'floor:0.2'],
  ...['judge:1', 'judge:0.99', 'kl:50,0.09', 'kl:50,1', 'fly:5,0', 'fly:2,0', 'fly:1,1.1', 'fly:1,0.5'],
  ...['ensemble:1', 'ensemble:0.4', 'mars:0.1', 'margin:5', 'cascade:0.9', 'typical:0.01,0.1', 'everything'],
  ...['random:0+topk:1', 'topk:1+topk:3', 'lenience:1', 'lenience:0.2', 'judge:1+random:0'],
];

const BIASED: SamplingOptions = { ...GREEDY, logitBias: [[3, 2]] };

const SETTINGS: readonly { readonly said: string; readonly sampling: SamplingOptions }[] = [
  { said: 'greedy', sampling: GREEDY },
  { said: 'greedy, a token banned', sampling: { ...GREEDY, banned: [2] } },
  { said: 'greedy, a bias', sampling: BIASED },
  { said: 'one token to draw from', sampling: { temperature: 0.7, topK: 1 } },
];

const GUARDS: readonly GenerateOptions['guards'][] = [{}, 'off', { leastProbability: 0.6 }];

test.each(SETTINGS)(
  'what calls itself lossless writes plain decoding’s text: $said',
  async ({ sampling }) => {
    const tried = new Set<string>();
    const differed = new Set<string>();
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 10_000 }),
        fc.constantFrom(...TEXTS),
        fc.constantFrom(...GUARDS),
        async (seed, text, guards) => {
          const pair = toyPair({ seed, vocab: VOCAB, agreement: 0.6, context: 64 });
          const head = headFor(pair.target, () => 0, { bias: 20 });
          const spec = parseRule(text);
          const rule = (() => {
            try {
              return buildRule(spec, { sampling, head });
            } catch {
              return undefined;
            }
          })();
          const decoding = sampling.temperature === 0 ? 'greedy' : 'sampling';
          const fits = [rule?.base, rule?.admission].every(
            (part) => part === undefined || part.decoding === 'either' || part.decoding === decoding,
          );
          if (rule === undefined || !fits) return;
          const options = { prompt: [1, 2, 3], maxTokens: 30, sampling, seed };
          const plain = await complete({
            ...options,
            model: pair.target.info,
            target: await pair.target.openSession(),
          });
          const { tokens } = await speculate(pair, { ...options, rule, guards, draftLength: DRAFT_LENGTH });
          const same = tokens.join() === plain.tokens.join();
          if (!same) differed.add(text);
          const used = { sampling, model: pair.target.info, draftLength: DRAFT_LENGTH, guards };
          if (!isLossless(rule, used)) return;
          tried.add(text);
          expect({ text, guards, tokens }).toEqual({ text, guards, tokens: plain.tokens });
        },
      ),
      { numRuns: 600 },
    );
    // both answers were given, and each was earned
    expect(tried.size).toBeGreaterThanOrEqual(5);
    expect(differed.size).toBeGreaterThanOrEqual(5);
  },
  60_000,
);

test.each<[string, SamplingOptions]>([
  ['topk:2', GREEDY],
  ['relaxed:2', GREEDY],
  ['floor:0.2', GREEDY],
  ['random:0.3', GREEDY],
  ['judge:0.99', GREEDY],
  ['kl:50,1', GREEDY],
  ['fly:1,0.5', GREEDY],
  ['fly:2,0', GREEDY],
  ['ensemble:0.4', GREEDY],
  ['margin:5', GREEDY],
  ['cascade:0.9', GREEDY],
  ['typical:0.01,0.1', GREEDY],
  ['topk:1', BIASED],
  ['floor:0.5', BIASED],
])('what is called lossy is: %s at %o writes another text', async (text, sampling) => {
  const found = async (seed: number) => {
    const pair = toyPair({ seed, vocab: VOCAB, agreement: 0.6, context: 64 });
    const head = headFor(pair.target, () => 0, { bias: 20 });
    const rule = buildRule(parseRule(text), { sampling, head });
    const guards = 'off' as const;
    expect(isLossless(rule, { sampling, model: pair.target.info, draftLength: DRAFT_LENGTH, guards })).toBe(
      false,
    );
    const options = { prompt: [1, 2, 3], maxTokens: 30, sampling };
    const plain = await complete({
      ...options,
      model: pair.target.info,
      target: await pair.target.openSession(),
    });
    const { tokens } = await complete({
      ...options,
      model: pair.target.info,
      target: await pair.target.openSession(),
      draft: draftSession(pair.draft, await pair.draft.openSession()),
      draftLength: DRAFT_LENGTH,
      rule,
      guards,
    });
    return tokens.join() !== plain.tokens.join();
  };
  let differs = false;
  for (let seed = 1; seed <= 200 && !differs; seed++) differs = await found(seed);
  expect(differs).toBe(true);
});
