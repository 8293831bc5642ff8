import {
  checkBackend,
  toleranceFor,
  toyBackend,
  toyLocation,
  toyModel,
} from '@judge-decoding/backend-contract';
import {
  complete,
  type HeadTerm,
  JudgeDecodingError,
  type Model,
  type OutputRequest,
  type Session,
} from '@judge-decoding/core';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { remoteModel } from '../src/served/index.ts';
import type { ModelCall } from '../src/served/protocol.ts';
import { ReadAhead } from '../src/served/read-ahead.ts';
import { ServedModel } from '../src/served/served-model.ts';
import { servedToy } from './toy-line.ts';

const TOY = { seed: 4, vocab: 11, context: 60, endTokens: [0], ties: true };
const HIDDEN_SIZE = 8;

/** How many questions were answered by what had been read ahead. */
function countKnown(): () => number {
  const asked = vi.spyOn(ReadAhead.prototype, 'asked');
  return () => asked.mock.results.filter(({ value }) => value !== undefined).length;
}

test('a toy model behind the line keeps the whole contract', async () => {
  const results = await checkBackend({
    backend: { ...toyBackend(), open: servedToy },
    location: toyLocation({ seed: 3 }),
    device: 'memory',
    tolerance: toleranceFor('fp32'),
    exempt: {},
  });
  expect(results.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
  expect(results.filter(({ outcome }) => outcome === 'kept').length).toBeGreaterThan(25);
});

test('plain decoding is read ahead through the line, up to the limit of the context', async () => {
  const known = countKnown();
  const served = await servedToy(toyLocation({ ...TOY, endTokens: [] }));
  const options = { model: served.info, prompt: [3, 4, 5], sampling: { temperature: 0 } };
  const { tokens, finish } = await complete({ ...options, target: await served.openSession() });
  const plain = await complete({
    ...options,
    target: await toyModel({ ...TOY, endTokens: [] }).openSession(),
  });
  expect(finish.reason).toBe('context');
  expect(tokens).toEqual(plain.tokens);
  expect(known()).toBe(tokens.length - 2);
  await served.dispose();
});

test('behind a text of a known length nothing is read, in the worker or behind it', async () => {
  const model = toyModel({ ...TOY, endTokens: [] });
  const session = { ...(await model.openSession()), expectEnd: vi.fn() };
  const served = new ServedModel({ ...model, openSession: async () => session }, () => 0);
  const forward = vi.spyOn(session, 'forward');
  const remote = remoteModel(
    { info: model.info, details: {} },
    {
      async ask(call) {
        const answer = await served.answer(call as ModelCall);
        await served.readAhead();
        return answer as never;
      },
      ended: false,
      close: async () => undefined,
    },
  );
  const target = await remote.openSession();
  const { tokens } = await complete({ model: model.info, prompt: [3, 4, 5], target, maxTokens: 12 });
  expect(tokens).toHaveLength(12);
  expect(session.expectEnd).toHaveBeenCalledWith(14);
  // the prompt but its last token, and a step a token
  expect(forward).toHaveBeenCalledTimes(13);
});

test('a step that fails while it is read ahead is run again when it is asked for', async () => {
  const known = countKnown();
  const [model, oracle] = [toyModel(TOY), await toyModel(TOY).openSession()];
  const session = await model.openSession();
  const served = new ServedModel({ ...model, openSession: async () => session }, () => 0);
  await served.answer({ kind: 'open-session', session: 0 });
  const forward = vi.spyOn(session, 'forward');
  let token = 1;
  for (let length = 0; length < 8; length++) {
    const passes = [{ session: 0, length, tokens: [token] }];
    const [{ value }] = (await served.answer({ kind: 'forward', passes, request: { argmax: true } })) as [
      { value: { argmax: Int32Array } },
    ];
    const { argmax } = value;
    expect(argmax).toEqual((await oracle.forward([token], { argmax: true })).argmax);
    token = argmax[0]!;
    if (length === 4) forward.mockRejectedValueOnce(new Error('out of memory'));
    await served.readAhead();
  }
  // the third to the fifth, not the sixth, the seventh and the eighth
  expect(known()).toBe(5);
});

const term = (state: HeadTerm['state'], of: number): HeadTerm => ({
  layer: 'last',
  state,
  row: 'own',
  weights: Float32Array.from({ length: HIDDEN_SIZE }, (_, index) => Math.sin(of + index)),
});
const terms = [term('pre-norm', 1), term('post-norm', 2)] as const;

const requests = fc.constantFrom<OutputRequest>(
  { argmax: true },
  { argmax: true, chosen: true, top: 3 },
  { argmax: true, judge: [...terms] },
  { argmax: true, judge: [terms[1]], hidden: ['post-norm'] },
  { argmax: true, logits: true },
  { logits: true },
  {},
);
const session = fc.integer({ min: 0, max: 1 });
const tokens = fc.array(fc.integer({ min: 0, max: TOY.vocab - 1 }), { minLength: 1, maxLength: 3 });

/** What may be done to one of two sessions, or to both. */
const commands = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('decode' as const),
      session,
      request: requests,
      steps: fc.integer({ min: 1, max: 25 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('forward' as const), session, request: requests, tokens }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('truncate' as const),
      session,
      by: fc.integer({ min: 0, max: 70 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('propose' as const),
      session,
      tokens,
      count: fc.integer({ min: 1, max: 6 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('both' as const), request: requests, tokens }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('renew' as const), session }) },
);
type Command = typeof commands extends fc.Arbitrary<infer Value> ? Value : never;

/** Everything that is to be seen of a run: outputs, lengths, the codes of errors. */
async function run(model: Model, script: readonly Command[]): Promise<unknown[]> {
  const seen: unknown[] = [];
  const sessions = [await model.openSession(), await model.openSession()];
  const see = async <Value>(work: () => Value | Promise<Value>): Promise<Value | undefined> => {
    try {
      const value = await work();
      seen.push(
        value,
        sessions.map(({ length }) => length),
      );
      return value;
    } catch (error) {
      if (!JudgeDecodingError.is(error)) throw error;
      seen.push(error.code);
      return undefined;
    }
  };
  const act = async (command: Command): Promise<unknown> => {
    const at: Session = sessions['session' in command ? command.session : 0]!;
    switch (command.kind) {
      case 'decode': {
        let token = 1;
        for (let step = 0; step < command.steps; step++) {
          const outputs = await see(() => at.forward([token], command.request));
          if (outputs === undefined) return;
          // a caller without an argmax goes on as it likes
          token = (outputs as { argmax?: Int32Array }).argmax?.[0] ?? step % TOY.vocab;
        }
        return;
      }
      case 'forward':
        return see(() => at.forward(command.tokens, command.request));
      case 'truncate':
        return see(() => at.truncate(at.length - command.by));
      case 'propose':
        return see(() => at.propose(command.tokens, { count: command.count, logits: true }));
      case 'both':
        return see(() =>
          model.forward(
            sessions.map((each) => ({ session: each, tokens: command.tokens })),
            command.request,
          ),
        );
      case 'renew':
        await see(() => at.dispose());
        await see(() => at.forward([1], {}));
        sessions[command.session] = await model.openSession();
    }
  };
  for (const command of script) await act(command);
  for (const each of sessions) await each.dispose();
  return seen;
}

test('whatever is done to two sessions, what is read ahead changes nothing', async () => {
  const known = countKnown();
  await fc.assert(
    fc.asyncProperty(fc.array(commands, { maxLength: 12 }), async (script) => {
      const served = await servedToy(toyLocation(TOY));
      expect(await run(served, script)).toEqual(await run(toyModel(TOY), script));
      await served.dispose();
    }),
    { numRuns: 300 },
  );
  expect(known()).toBeGreaterThan(100);
});
