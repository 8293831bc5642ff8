import { toyPair } from '@judge-decoding/backend-contract';
import { JudgeDecodingError, type JudgeHead, type Model } from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import { parseArms, type Row, rowList, runArms, sharedReadings } from '../src/index.ts';
import { steadyClock, toyProblems } from './toy-problems.ts';

const problems = toyProblems(9);
const pair = (seed = 4) => toyPair({ agreement: 0.6, seed, sharpness: 0.5, context: 96, endTokens: [0] });

/** A head of one term that accepts about every second token. */
const headFor = ({ info }: Model): JudgeHead => ({
  terms: [
    {
      layer: 'last',
      state: 'pre-norm',
      row: 'own',
      weights: Float32Array.from({ length: info.hiddenSize }, (_, i) => Math.sin(5 * i)),
    },
  ],
  bias: 0,
  threshold: 0.5,
  hiddenSize: info.hiddenSize,
  provenance: {
    model: info.name,
    fingerprint: info.fingerprint,
    dtype: info.dtype,
    data: 'none',
    metrics: {},
    calibration: [],
  },
});

/** Counts what a model reads itself. */
function counted(model: Model): { readonly model: Model; readonly read: () => number } {
  let read = 0;
  return {
    read: () => read,
    model: {
      ...model,
      async openSession() {
        const session = await model.openSession();
        return new Proxy(session, {
          get(of, name) {
            if (name === 'forward' || name === 'propose')
              return async (tokens: readonly number[], request: never) => {
                const before = of.length;
                const answer = await of[name](tokens, request);
                read += of.length - before;
                return answer;
              };
            const value = Reflect.get(of, name, of);
            return typeof value === 'function' ? value.bind(of) : value;
          },
        });
      },
    },
  };
}

/** All of a row but its times. */
const said = ({ milliseconds: _, firstToken: __, rounds, stats, ...row }: Row) => ({
  ...row,
  rounds: rounds?.map(([committed]) => committed),
  stats: { ...stats, times: undefined },
});

const ARMS =
  'plain,strict,judge,judge:0.3,judge:0.9,kl:0.3,kl:3,fly:3,0.1,mars,margin:2,typical,relaxed,topk:2,cascade:0.5,floor:0.05,ensemble:0.5,everything,everything-unguarded,oracle,draft,strict/2,fly:3,0.1/7';

async function rows(shareReadings: boolean, models = pair()) {
  const [target, draft] = [counted(models.target), counted(models.draft)];
  const head = headFor(models.target);
  const sink = rowList();
  await runArms({
    target: target.model,
    draft: draft.model,
    problems,
    arms: parseArms(ARMS, { draftLength: 5, heads: ['own'] }),
    named: { heads: { own: head } },
    sink,
    maxTokens: 40,
    shareReadings,
    now: steadyClock(),
  });
  return { rows: sink.rows, read: target.read() + draft.read() };
}

describe('arms that share what was read', () => {
  test.each([4, 11])(
    'write what each writes alone, seed %i, and the models read a fraction of it',
    async (seed) => {
      const alone = await rows(false, pair(seed));
      const shared = await rows(true, pair(seed));
      expect(shared.rows.map(said)).toEqual(alone.rows.map(said));
      expect(shared.read).toBeLessThan(alone.read / 2);
    },
  );

  test('a model whose rows hang on how a text is cut is refused', () => {
    const { target } = pair();
    const { exact: _, ...info } = target.info;
    expect(() => sharedReadings({ ...target, info })).toThrow(JudgeDecodingError);
    expect(() => sharedReadings({ ...target, info })).toThrow(/does not promise it/);
  });

  test('sampling is refused', async () => {
    const { target } = pair();
    const session = await sharedReadings(target).model.openSession();
    await expect(
      session.propose([3], {
        count: 2,
        sampling: { options: { temperature: 1 }, history: [3], uniforms: Float64Array.of(0.5, 0.5) },
      }),
    ).rejects.toThrow(/greedy/);
  });

  test('what was read of one problem is forgotten with it', async () => {
    const { target } = pair();
    const shared = sharedReadings(target);
    const session = await shared.model.openSession();
    await session.forward([1, 2, 3], { argmax: true });
    const before = shared.read();
    session.truncate(0);
    await session.forward([1, 2, 3], { argmax: true });
    expect(shared.read()).toBe(before);
    shared.forget();
    session.truncate(0);
    await session.forward([1, 2, 3], { argmax: true });
    expect(shared.read()).toBeGreaterThan(before);
  });
});
