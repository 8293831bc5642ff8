import type { Model } from '@judge-decoding/core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BACKENDS } from '../../src/pair/backends.ts';
import type { World } from '../../src/world.ts';
import { runJudge } from '../run-judge.ts';
import { type TinyPair, tinyPair } from '../tiny-pair.ts';

let pair: TinyPair;
beforeAll(async () => {
  pair = await tinyPair();
});
afterAll(() => pair.dispose());

/** Models whose rows beside others have another favourite, and that say of themselves what is given. */
function parting(said: object): NonNullable<World['backends']> {
  const cpu = BACKENDS.cpu!;
  const open: typeof cpu.open = async (request) => {
    const model: Model = await cpu.open(request);
    return {
      ...model,
      info: { ...model.info, ...said },
      openSession: async () => {
        const session = await model.openSession();
        const forward: typeof session.forward = async (tokens, asked) => {
          const outputs = await session.forward(tokens, asked);
          if (tokens.length > 1 && tokens.length < 8) outputs.argmax?.fill(7);
          return outputs;
        };
        return new Proxy(session, {
          get: (of, name) => (name === 'forward' ? forward : bound(of, name as keyof typeof of)),
        });
      },
    };
  };
  return { cpu: { ...cpu, open } };
}
function bound<Of extends object>(of: Of, name: keyof Of): unknown {
  const value = of[name];
  return typeof value === 'function' ? value.bind(of) : value;
}

const selfTest = async (said: object) => {
  const { out } = await runJudge(['doctor', '--target', pair.target, '--json'], {
    env: pair.env,
    backends: parting(said),
  });
  const found = JSON.parse(out) as readonly { readonly what: string }[];
  return found.find(({ what }) => what === 'self-test');
};

test('another text is a fault where passes are exact or of float32', async () => {
  expect(await selfTest({ exact: true })).toMatchObject({ state: 'bad' });
  expect(await selfTest({ exact: false, dtype: 'fp32' })).toMatchObject({ state: 'bad' });
});

test('and a note where weights are of few bits and passes are not exact', async () => {
  expect(await selfTest({ exact: false, dtype: 'int8' })).toMatchObject({
    state: 'note',
    detail: expect.stringMatching(/^passes of few bits \(int8\) that are not exact: .* at token \d+/),
  });
});
