import { complete, type Model, type Session, type VerifyRequest } from '@judge-decoding/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { cudaBackend, type Engine } from '../src/index.ts';
import { compiler, NO_COMPILER, openStandIn } from './stand-in.ts';

const SHAPE = 'synthetic:random:hidden=64,layers=2,heads=2,kv=1,headDim=32,ff=64,rows=96';
const PROMPT = [5, 17, 60, 2];

/** The engine, and what its models are called for. */
function counted(engine: Engine): { readonly engine: Engine; readonly calls: string[] } {
  const calls: string[] = [];
  const createModel: Engine['createModel'] = async (...given) => {
    const model = await engine.createModel(...given);
    return new Proxy(model, {
      get(target, name) {
        const value = Reflect.get(target, name, target);
        if (typeof value !== 'function') return value;
        return (...args: never[]) => {
          if (name === 'forward' || name === 'propose') calls.push(name);
          return value.apply(target, args);
        };
      },
    });
  };
  const counting = new Proxy(engine, {
    get(target, name) {
      if (name === 'createModel') return createModel;
      const value = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return { engine: counting, calls };
}

if (compiler === undefined) {
  test(`plain steps: ${NO_COMPILER}`, () => console.log(`plain steps: ${NO_COMPILER}`));
} else {
  describe('plain decoding', () => {
    let model: Model;
    let calls: string[];
    beforeAll(async () => {
      const { engine } = await openStandIn();
      const spied = counted(engine);
      calls = spied.calls;
      model = await cudaBackend({ engine: spied.engine }).open(SHAPE, { dtype: 'bf16' });
      return () => model.dispose();
    });

    /** Token by token, in passes that ask for more than the argmax: each is a call of its own. */
    const stepByStep = async (count: number) => {
      const session = await model.openSession();
      await session.forward(PROMPT.slice(0, -1), {});
      const text = [...PROMPT];
      for (let written = 0; written < count; written++) {
        const { argmax } = await session.forward([text.at(-1)!], { argmax: true, logits: true });
        text.push(argmax[0]!);
      }
      await session.dispose();
      return text.slice(PROMPT.length);
    };

    test('is the text of steps of their own, in a fraction of the calls', async () => {
      const expected = await stepByStep(40);
      calls.length = 0;
      const session = await model.openSession();
      const { tokens } = await complete({
        model: model.info,
        target: session,
        prompt: PROMPT,
        maxTokens: 40,
      });
      expect(tokens).toEqual(expected);
      // the prompt, a step, then 2, 4, 8, 8, 8 and 8 steps at once, and the last: nothing behind the text's end is read
      expect(calls).toEqual(['forward', 'forward', ...Array(6).fill('propose'), 'forward']);
    });

    const numbers = new Float64Array(2);
    const round: VerifyRequest = {
      law: { kind: 'exact' },
      options: { temperature: 0 },
      history: [...PROMPT, 90],
      outputs: {},
      uniforms: { accept: numbers, recovered: numbers, bonus: 0.5 },
    };
    test.each<[string, (one: Session, other: Session) => Promise<unknown>]>([
      ['a pass', (one) => one.forward([90, 91], {})],
      ['a row of which more is asked', (one) => one.forward([90], { argmax: true, logits: true })],
      ['a draft', (one) => one.propose([90], { count: 3 })],
      ['a round that the device decides', (one) => one.verify!([90, 91, 92], round)],
      [
        'a pass over two sessions',
        (one, other) =>
          model.forward(
            [
              { session: one, tokens: [90, 91] },
              { session: other, tokens: [1, 2] },
            ],
            {},
          ),
      ],
    ])('what %s writes over is not taken for what it was', async (_, overwrite) => {
      const expected = await stepByStep(24);
      const [one, other] = [await model.openSession(), await model.openSession()];
      await one.forward(PROMPT.slice(0, -1), {});
      let token = PROMPT.at(-1)!;
      for (const [written, next] of expected.entries()) {
        if (written === 4) {
          // tokens behind these are foreseen
          const length = one.length;
          await overwrite(one, other);
          one.truncate(length);
        }
        token = (await one.forward([token], { argmax: true })).argmax[0]!;
        expect(token).toBe(next);
      }
      await one.dispose();
      await other.dispose();
    });
  });
}
