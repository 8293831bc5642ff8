import { toyModel } from '@judge-decoding/backend-contract';
import {
  adaptiveLength,
  block,
  type Costs,
  cachedText,
  complete,
  draftSession,
  exactMatch,
  fixedLength,
  fly,
  generate,
  JudgeDecodingError,
  judged,
  kl,
  lossless,
  type Model,
  measureCosts,
  ngramLookup,
  rule,
  type Session,
} from '@judge-decoding/core';
import { describe, expect, test } from 'vitest';
import { headFor, speculate, toyPair } from './pair.ts';

const pair = toyPair({ seed: 3, vocab: 11, agreement: 0.9, context: 48 });

describe('what cannot work is refused before anything runs', () => {
  const other = toyModel({ seed: 9, vocab: 13 });
  test.each([
    ['an empty prompt', { prompt: [] }, 'invalid-input', /at least one token/],
    [
      'a prompt as long as the context',
      { prompt: Array(48).fill(1) },
      'context-full',
      /48 tokens.* holds 48/,
    ],
    ['a maxTokens of 0', { maxTokens: 0 }, 'invalid-option', /maxTokens/],
    [
      'exact match at a temperature',
      { rule: rule(exactMatch()), sampling: { temperature: 1 } },
      'invalid-option',
      /greedy decoding/,
    ],
    ['block verification without one', { rule: rule(block()) }, 'invalid-option', /sampling decoding/],
    [
      'FLy at a temperature',
      { rule: { name: 'x', base: lossless(), admission: fly() }, sampling: { temperature: 1 } },
      'invalid-option',
      /greedy/,
    ],
    [
      'KL with a draft that has no distribution',
      { rule: rule(exactMatch(), kl(0.3)), draft: ngramLookup() },
      'invalid-option',
      /n-gram lookup has none/,
    ],
    [
      'a head of another model',
      { rule: rule(exactMatch(), judged(headFor(other, () => 1))) },
      'mismatch',
      /tokenizer|architecture/,
    ],
    [
      'an adaptive length where the text depends on it',
      {
        rule: rule(exactMatch(), judged(headFor(pair.target, () => 1))),
        draftLength: { ...fixedLength(4), adaptive: true },
      },
      'invalid-option',
      /adaptive/,
    ],
  ] as const)('%s', async (_, options, code, message) => {
    const refused = speculate(pair, { prompt: [1, 2], ...options } as Parameters<typeof speculate>[1]);
    await expect(refused).rejects.toThrow(message);
    await refused.catch((error: unknown) => expect(JudgeDecodingError.is(error, code)).toBe(true));
  });

  test('a draft with another tokenizer', async () => {
    const strangers = { target: pair.target, draft: other };
    await expect(speculate(strangers, { prompt: [1] })).rejects.toThrow(/tokenizer .* one family/);
  });

  test('a session that already holds an unknown text', async () => {
    const target = await pair.target.openSession();
    await target.forward([1, 2, 3], {});
    await expect(complete({ model: pair.target.info, target, prompt: [1] })).rejects.toThrow(/empty session/);
  });
});

test('a text ends at the context limit, and says so', async () => {
  const endless = toyPair({ seed: 3, vocab: 11, agreement: 0.9, context: 48, endTokens: [] });
  const { tokens, finish } = await speculate(endless, { prompt: [1, 2], draftLength: 7 });
  expect(tokens).toHaveLength(46);
  expect(finish).toEqual({ reason: 'context' });
});

test('a text that outgrows the draft’s context goes on without a draft, and says so', async () => {
  const options = { seed: 3, vocab: 11, agreement: 1, endTokens: [] };
  const uneven = {
    target: toyModel({ ...options, context: 48 }),
    draft: toyModel({ ...options, context: 20 }),
  };
  const { tokens, stats } = await speculate(uneven, { prompt: [1, 2], draftLength: 5 });
  expect(tokens).toHaveLength(46);
  expect(Object.keys(stats.speculationOff)).toEqual(['the text outgrew the draft’s context of 20 tokens']);
});

test('an aborted generation leaves the sessions usable', async () => {
  const target = cachedText(await pair.target.openSession());
  const draft = draftSession(pair.draft, await pair.draft.openSession());
  const options = { model: pair.target.info, target, draft, prompt: [1, 2, 3], maxTokens: 20 };
  const signal = { aborted: false };
  const rounds = generate({ ...options, signal });
  await rounds.next();
  signal.aborted = true;
  await expect(rounds.next()).rejects.toThrow(/aborted/);
  const again = await complete(options);
  expect(again.tokens).toEqual((await speculate(pair, { prompt: [1, 2, 3], maxTokens: 20 })).tokens);
});

/** A session that does something before each pass. */
const watched = (session: Session, before: () => void): Session => ({
  get length() {
    return session.length;
  },
  async forward(tokens, request) {
    before();
    return session.forward(tokens, request);
  },
  truncate: (length) => session.truncate(length),
  propose: (tokens, request) => session.propose(tokens, request),
  dispose: () => session.dispose(),
});

test.each(['target', 'draft'] as const)(
  'where the %s is reading a long prompt, it is aborted between two parts',
  async (whose) => {
    const prompt = [1, 2, 3, 4, 5, 6, 7, 8];
    const signal = { aborted: false };
    let read = 0;
    const abort = () => {
      if (++read === 2) signal.aborted = true;
    };
    const small = (model: Model): Model => ({ ...model, info: { ...model.info, prefillChunk: 2 } });
    const [large, fast] = [small(pair.target), small(pair.draft)];
    const sessions = { target: await large.openSession(), draft: await fast.openSession() };
    sessions[whose] = watched(sessions[whose], abort);
    const target = cachedText(sessions.target);
    const options = { model: large.info, target, draft: draftSession(fast, sessions.draft), prompt };
    await expect(complete({ ...options, maxTokens: 20, signal })).rejects.toThrow(/aborted/);
    expect(sessions[whose].length).toBe(4);
    const { tokens } = await complete({ ...options, maxTokens: 20 });
    expect(tokens).toEqual((await speculate(pair, { prompt, maxTokens: 20 })).tokens);
  },
);

test('an abort is told by the usual name, and carries the signal’s reason', async () => {
  const controller = new AbortController();
  const reason = new Error('the user has left');
  controller.abort(reason);
  const target = await pair.target.openSession();
  const run = complete({ model: pair.target.info, target, prompt: [1, 2], signal: controller.signal });
  const error = await run.catch((thrown: unknown) => thrown as Error);
  expect(JudgeDecodingError.is(error, 'aborted')).toBe(true);
  expect(error).toMatchObject({ name: 'AbortError', code: 'aborted' });
  expect((error as Error).cause).toBe(reason);
});

test('a finished generation says who let each token in, as its rounds did', async () => {
  const options = { prompt: [1, 2, 3], maxTokens: 30, draftLength: 5 };
  const { tokens, sources, stats } = await speculate(pair, options);
  expect(sources).toHaveLength(tokens.length);
  const rounds = generate({
    model: pair.target.info,
    target: await pair.target.openSession(),
    draft: draftSession(pair.draft, await pair.draft.openSession()),
    ...options,
  });
  const committed = [];
  for await (const round of rounds) committed.push(...round.tokens);
  expect(committed.map(({ id }) => id)).toEqual(tokens);
  expect(committed.map(({ source }) => source)).toEqual(sources);
  expect(sources.filter((source) => source === 'recovered')).toHaveLength(stats.recovered);
  expect(stats.recovered).toBeGreaterThan(0);
});

test('a chat turn reads only what follows the common prefix', async () => {
  const target = cachedText(await pair.target.openSession());
  const prompt = [1, 2, 3, 4, 5];
  const first = await complete({ model: pair.target.info, target, prompt, maxTokens: 6 });
  const read: number[] = [];
  const watched = {
    ...target,
    get tokens() {
      return target.tokens;
    },
    fed(tokens: readonly number[]) {
      read.push(...tokens);
      target.fed(tokens);
    },
  };
  const before = target.tokens.length;
  const next = [...prompt, ...first.tokens, 7, 8];
  await complete({ model: pair.target.info, target: watched, prompt: next, maxTokens: 1 });
  expect(before).toBe(prompt.length + first.tokens.length - 1);
  expect(read).toEqual([8]);
  expect((await complete({ model: pair.target.info, target, prompt: next, maxTokens: 5 })).tokens).toEqual(
    (await speculate(pair, { prompt: next, maxTokens: 5 })).tokens,
  );
});

test('the same seed gives the same sampled text, another seed another one', async () => {
  const run = async (seed: number) =>
    (
      await speculate(pair, { prompt: [1, 2], maxTokens: 30, seed, sampling: { temperature: 1 } })
    ).tokens.join(' ');
  expect(await run(1)).toBe(await run(1));
  expect(new Set(await Promise.all([1, 2, 3, 4].map(run))).size).toBeGreaterThan(1);
});

test('costs are measured on the clock given, and leave the sessions empty', async () => {
  let clock = 0;
  const target = { model: pair.target, session: await pair.target.openSession() };
  const draft = { model: pair.draft, session: await pair.draft.openSession() };
  const costs = await measureCosts(target, draft, () => clock++, { repeats: 3, prefix: 8 });
  expect(costs.verify.map(([rows]) => rows)).toEqual([1, 2, 3, 5, 9, 17, 33]);
  expect(costs.verify.every(([, milliseconds]) => milliseconds === 1)).toBe(true);
  expect(costs.drafts!.map(([tokens]) => tokens)).toEqual([1, 2, 4, 8, 16, 32]);
  expect(costs).toMatchObject({ context: 8, draftToken: 0 });
  expect([target.session.length, draft.session.length]).toEqual([0, 0]);
  const more = await measureCosts(target, draft, () => clock++, {
    ...{ repeats: 2, prefix: 8, longerBy: 4, draftLogits: true },
    outputs: { argmax: true, chosen: true, logits: true },
  });
  expect(more.longer).toMatchObject({ context: 12 });
  expect(more.outputs).toEqual({ chosen: 0, logits: 0 });
  expect([more.draftLogits, more.draftCatchUp]).toEqual([0, 0]);
  expect([target.session.length, draft.session.length]).toEqual([0, 0]);
});

test('costs of passes that take long are measured once each, and it is told how much is done', async () => {
  const target = { model: pair.target, session: await pair.target.openSession() };
  const draft = { model: pair.draft, session: await pair.draft.openSession() };
  const passes = async (within?: (oneRow: number) => number) => {
    let asked = 0;
    const shares: number[] = [];
    const outputs = { argmax: true, chosen: true } as const;
    const costs = await measureCosts(target, draft, () => 1000 * asked++, {
      ...{ repeats: 5, prefix: 8, longerBy: 4, outputs, within },
      onProgress: (share) => void shares.push(share),
    });
    // less measured, and nothing left out
    expect(costs.verify.map(([rows]) => rows)).toEqual([1, 2, 3, 5, 9, 17, 33]);
    expect(costs.longer!.verify).toHaveLength(7);
    expect(costs.outputs).toEqual({ chosen: 0 });
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.every((share) => share > 0 && share <= 1)).toBe(true);
    expect([target.session.length, draft.session.length]).toEqual([0, 0]);
    return { asked, shares };
  };
  const all = await passes();
  expect(all.shares).toHaveLength(28);
  expect(all.shares.at(-1)).toBe(1);
  expect((await passes((oneRow) => 1000 * oneRow)).asked).toBe(all.asked);
  const few = await passes((oneRow) => 10 * oneRow);
  expect(few.shares.length).toBe(14);
  expect(few.asked).toBeLessThan(all.asked / 4);
});

test('measuring costs can be stopped between two passes, and leaves the sessions empty', async () => {
  const target = { model: pair.target, session: await pair.target.openSession() };
  const draft = { model: pair.draft, session: await pair.draft.openSession() };
  let asked = 0;
  const signal = {
    get aborted() {
      return ++asked > 50;
    },
  };
  const stopped = measureCosts(target, draft, () => 0, { repeats: 2, prefix: 8, signal });
  await expect(stopped).rejects.toSatisfy((error) => JudgeDecodingError.is(error, 'aborted'));
  expect([target.session.length, draft.session.length]).toEqual([0, 0]);
});

test('where speculation cannot pay the draft is never asked, and the text is the plain one', async () => {
  const costs: Costs = {
    verify: [
      [1, 1],
      [33, 60],
    ],
    draftToken: 2,
    draftPrefillToken: 1,
  };
  const draft = await pair.draft.openSession();
  const control = adaptiveLength({ costs, most: 8 });
  const { tokens, stats } = await complete({
    model: pair.target.info,
    target: await pair.target.openSession(),
    draft: draftSession(pair.draft, draft),
    draftLength: control,
    prompt: [1, 2],
    maxTokens: 20,
  });
  expect(draft.length).toBe(0);
  expect(stats.drafted).toBe(0);
  expect(Object.keys(stats.speculationOff)[0]).toMatch(/even if every drafted token were accepted/);
  expect(tokens).toEqual((await speculate(pair, { prompt: [1, 2], maxTokens: 20 })).tokens);
});

test('block verification accepts at least as many tokens as speculative sampling, on average', async () => {
  const accepted = async (base: typeof block | typeof lossless) => {
    let sum = 0;
    let rounds = 0;
    for (let seed = 0; seed < 400; seed++) {
      const { stats } = await speculate(pair, {
        prompt: [1, 2],
        maxTokens: 24,
        draftLength: 6,
        seed,
        sampling: { temperature: 1 },
        rule: rule(base()),
      });
      sum += stats.accepted;
      rounds += stats.rounds;
    }
    return sum / rounds;
  };
  expect(await accepted(block)).toBeGreaterThan(await accepted(lossless));
});
