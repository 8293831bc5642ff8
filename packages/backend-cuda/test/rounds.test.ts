import {
  complete,
  draftSession,
  hostDistributions,
  JudgeDecodingError,
  lossless,
  type Model,
  rule,
  type SamplingOptions,
  type Session,
  type VerifyRequest,
} from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import { cudaBackend } from '../src/index.ts';
import { engineShaping } from '../src/shaping.ts';
import { compiler, NO_COMPILER, openStandIn } from './stand-in.ts';

const SHAPE = 'synthetic:random:hidden=64,layers=1,heads=2,kv=1,headDim=32,ff=64,rows=96';

describe('sampling options as the device takes them', () => {
  const changes = (options: SamplingOptions, history: readonly number[]) => {
    const { tokens, bias, counts, repeated } = engineShaping(options, history);
    return [...tokens].map((token, i) => [token, bias[i], counts[i], repeated[i]]);
  };

  test.each<[string, SamplingOptions, readonly number[], unknown[]]>([
    ['nothing to change', { temperature: 1, topK: 3 }, [1, 2], []],
    [
      'bias adds up, a ban wins',
      {
        temperature: 1,
        logitBias: [
          [4, 1],
          [4, 2],
          [5, 1],
        ],
        banned: [5],
      },
      [],
      [
        [4, 3, 0, 0],
        [5, Number.NEGATIVE_INFINITY, 0, 0],
      ],
    ],
    [
      'the prompt counts for repetition, what was written for all',
      { temperature: 1, repetitionPenalty: 2, promptLength: 2 },
      [7, 8, 8, 9, 9],
      [
        [7, 0, 0, 1],
        [8, 0, 1, 1],
        [9, 0, 2, 1],
      ],
    ],
    [
      'a prompt’s end tokens do not count',
      { temperature: 1, presencePenalty: 1, penaltyScope: 'all', promptLength: 2, uncountedInPrompt: [7] },
      [7, 8, 7],
      [
        [8, 0, 1, 1],
        [7, 0, 1, 1],
      ],
    ],
  ])('%s', (_, options, history, expected) => {
    expect(changes(options, history)).toEqual(expected);
  });
});

if (compiler === undefined) {
  test(`rounds over the stand-in: ${NO_COMPILER}`, () => console.log(`rounds: ${NO_COMPILER}`));
} else {
  const openPair = async (engines: 'one' | 'two' = 'one') => {
    const { engine } = await openStandIn();
    const other = engines === 'one' ? engine : (await openStandIn()).engine;
    const options = { contextLength: 256 };
    const target = await cudaBackend({ engine }).open(`${SHAPE},seed=1:bf16`, options);
    const draft = await cudaBackend({ engine: other }).open(`${SHAPE},seed=2:int8`, options);
    return { target, draft };
  };
  const text = [3, 1, 4, 1, 5];
  const round = (drafted: number): VerifyRequest => ({
    ...{ law: { kind: 'speculative', lenience: 1 }, options: { temperature: 1 }, history: text, outputs: {} },
    uniforms: { accept: new Float64Array(drafted), recovered: new Float64Array(drafted), bonus: 0.5 },
  });
  const primed = async (model: Model): Promise<Session> => {
    const session = await model.openSession();
    await session.forward(text.slice(0, -1), {});
    return session;
  };
  const keep = {
    options: { temperature: 1 },
    history: text,
    uniforms: new Float64Array(100).fill(0.4),
    keep: true,
  } as const;

  test.each(['one', 'two'] as const)(
    'the text of a sampled run is that of rounds decided on the host, %s library',
    async (engines) => {
      const { target, draft } = await openPair(engines);
      const run = async (through: (session: Session) => Session) => {
        const { tokens, sources } = await complete({
          ...{
            model: target.info,
            prompt: text,
            maxTokens: 40,
            draftLength: 6,
            seed: 3,
            rule: rule(lossless()),
          },
          sampling: { temperature: 0.8, topP: 0.9, frequencyPenalty: 0.1 },
          target: through(await target.openSession()),
          draft: draftSession(draft, await draft.openSession()),
        });
        return { tokens, sources };
      };
      const hostOnly = (session: Session): Session => {
        const { verify: _, ...rest } = Object.getOwnPropertyDescriptors(session);
        return Object.defineProperties({}, rest) as Session;
      };
      const device = await run((session) => session);
      expect(device).toEqual(await run(hostOnly));
      expect(device.sources).toContain('standard');
      await target.dispose();
      await draft.dispose();
    },
  );

  test('distributions of an earlier draft are refused, not mistaken for the last one’s', async () => {
    const { target, draft } = await openPair();
    const drafting = await draft.openSession();
    const first = await drafting.propose(text, { count: 4, sampling: keep });
    expect(first).not.toHaveProperty('probs');
    drafting.truncate(text.length - 1);
    await drafting.propose(text.slice(-1), { count: 4, sampling: keep });
    const verifying = await primed(target);
    const fed = [text.at(-1)!, ...first.tokens];
    const refused = await verifying.verify!(fed, { ...round(4), draft: first.kept! }).catch((error) => error);
    expect(JudgeDecodingError.is(refused, 'invalid-input')).toBe(true);
    expect(verifying.length).toBe(text.length - 1);
    await expect(first.kept!.probs()).rejects.toThrow(/drafted again/);
    await target.dispose();
    await draft.dispose();
  });

  test('a round too long for the device is decided on the host, by the same numbers', async () => {
    const { target, draft } = await openPair();
    const { tokens, kept } = await (await draft.openSession()).propose(text, { count: 80, sampling: keep });
    expect(tokens).toHaveLength(80);
    const probs = await kept!.probs();
    const decide = async (count: number) => {
      const session = await primed(target);
      const given = hostDistributions(probs.subarray(0, count * target.info.vocabSize), count);
      return session.verify!([text.at(-1)!, ...tokens.slice(0, count)], { ...round(count), draft: given });
    };
    const [long, short] = [await decide(80), await decide(40)];
    expect([...long.accepted.slice(0, 40)]).toEqual([...short.accepted]);
    expect([...long.recovered.slice(0, 40)]).toEqual([...short.recovered]);
    await target.dispose();
    await draft.dispose();
  });

  test('over several GPUs the host decides, and drafts still draw what core draws', async () => {
    const { engine, set } = await openStandIn();
    set('devices', 2);
    const backend = cudaBackend({ engine });
    const [one, two] = [
      await backend.open(`${SHAPE}:bf16`),
      await backend.open(`${SHAPE}:bf16`, { device: 'cuda:0,1' }),
    ];
    const [alone, several] = [await one.openSession(), await two.openSession()];
    expect(alone.verify).toBeDefined();
    expect(several.verify).toBeUndefined();
    const { keep: _, ...sampling } = keep;
    const drawn = await Promise.all(
      [alone, several].map((session) => session.propose(text, { count: 5, sampling })),
    );
    expect(drawn[1]!.tokens).toEqual(drawn[0]!.tokens);
    await one.dispose();
    await two.dispose();
  });
}
