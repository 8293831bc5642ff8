import { toyModel, toyPair } from '@judge-decoding/backend-contract';
import {
  block,
  complete,
  draftSession,
  generate,
  judged,
  kl,
  lenience,
  lossless,
  type Model,
  type Rule,
  rule,
  type SamplingOptions,
  type Session,
  strict,
  topK,
} from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { headFor } from './pair.ts';

/** The same session without the call by which its device decides rounds. */
function hostOnly(session: Session): Session {
  const { verify: _, ...rest } = Object.getOwnPropertyDescriptors(session);
  return Object.defineProperties({}, rest) as Session;
}

const SAMPLINGS: readonly SamplingOptions[] = [
  { temperature: 1 },
  { temperature: 0.6, topK: 5, topP: 0.9 },
  { temperature: 1.4, minP: 0.1, repetitionPenalty: 1.3, frequencyPenalty: 0.2 },
  { temperature: 0, repetitionPenalty: 1.4, presencePenalty: 0.3 },
];

const head = (model: Model) => judged(headFor(model, (i) => Math.sin(3 * i), { bias: 0.1 }));

const rulesFor = (model: Model, sampling: SamplingOptions): readonly Rule[] =>
  sampling.temperature === 0
    ? [strict(sampling), rule(strict(sampling).base, head(model))]
    : [rule(lossless()), rule(block()), rule(lenience(0.6)), rule(lossless(), head(model))];

test('rounds that a device decides write the text that the host writes, with the same sources', async () => {
  let asked = 0;
  for (const [index, sampling] of SAMPLINGS.entries()) {
    for (const agreement of [0.3, 0.9]) {
      const { target, draft } = toyPair({ seed: 5 + index, vocab: 19, agreement });
      for (const used of rulesFor(target, sampling)) {
        for (const drafted of [true, false]) {
          const run = async (through: (session: Session) => Session) =>
            complete({
              ...{ model: target.info, prompt: [3, 1, 4, 1, 5], sampling, rule: used, seed: 17 },
              ...{ maxTokens: 40, draftLength: 6 },
              target: through(await target.openSession()),
              ...(drafted ? { draft: draftSession(draft, await draft.openSession()) } : {}),
            });
          const counted = (session: Session): Session =>
            ({
              ...Object.defineProperties({}, Object.getOwnPropertyDescriptors(session)),
              verify(...given: Parameters<NonNullable<Session['verify']>>) {
                asked++;
                return session.verify!(...given);
              },
            }) as Session;
          const [device, host] = [await run(counted), await run(hostOnly)];
          expect(device.tokens).toEqual(host.tokens);
          expect(device.sources).toEqual(host.sources);
        }
      }
    }
  }
  expect(asked).toBeGreaterThan(100);
});

test('a rule that is watched, or reads more than a device tells, is decided on the host', async () => {
  const { target, draft } = toyPair({ seed: 8, vocab: 19, agreement: 0.6 });
  const base = lossless();
  const watched: Rule = {
    name: 'watched',
    base: { ...base, needs: { ...base.needs, target: { logits: true, top: 5 } } },
  };
  for (const used of [watched, rule(lossless(), topK(2)), rule(lossless(), kl(0.5))]) {
    const rounds = generate({
      ...{ model: target.info, prompt: [3, 1, 4], sampling: { temperature: 1 }, rule: used, seed: 2 },
      ...{ maxTokens: 20, draftLength: 4, target: await target.openSession() },
      draft: draftSession(draft, await draft.openSession()),
    });
    for await (const { round } of rounds) {
      expect(round.target.top(0, 5)).toHaveLength(5);
      expect(round.target.entropy(0)).toBeGreaterThanOrEqual(0);
    }
  }
});

test('a greedy round without processors is none for the device', async () => {
  const model = toyModel();
  const session = await model.openSession();
  const refused = { ...hostOnly(session), verify: () => Promise.reject(new Error('asked')) } as Session;
  Object.defineProperty(refused, 'length', { get: () => session.length });
  const { tokens } = await complete({ model: model.info, target: refused, prompt: [1, 2], maxTokens: 5 });
  expect(tokens.length).toBeGreaterThan(0);
});
