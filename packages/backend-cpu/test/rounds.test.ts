import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import {
  complete,
  draftSession,
  exactMatch,
  type GenerateOptions,
  type HeadTerm,
  judged,
  type Model,
  rule,
} from '@judge-decoding/core';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cpuBackend } from '../src/index.ts';
import { WorkerLine } from '../src/worker-line.ts';

const root = await mkdtemp(join(tmpdir(), 'judge-rounds-'));
let target: Model;
let draft: Model;
beforeAll(async () => {
  const backend = cpuBackend({ cacheFolder: join(root, 'cache') });
  // the draft is the target with a layer less: they agree now and then
  await makeTinyCheckpoint(join(root, 'target'), { layers: 2 });
  await makeTinyCheckpoint(join(root, 'draft'), { layers: 1 });
  target = await backend.open(join(root, 'target'));
  draft = await backend.open(join(root, 'draft'));
});
afterAll(async () => {
  await target.dispose();
  await draft.dispose();
  await rm(root, { recursive: true, force: true });
});

const prompt = [5, 9, 40, 77];
const generation = async (options: Partial<GenerateOptions>) =>
  complete({
    model: target.info,
    target: await target.openSession(),
    prompt,
    maxTokens: 60,
    draftLength: 6,
    ...options,
  });

test('strict decoding says what plain decoding says', async () => {
  const plain = await generation({});
  const strict = await generation({ draft: draftSession(draft, await draft.openSession()) });
  expect(strict.tokens).toEqual(plain.tokens);
  expect(strict.stats.rounds).toBeGreaterThan(0);
});

/** A head with made-up weights that lets half of what it sees pass. */
const head = () => {
  const term = (state: HeadTerm['state'], row: HeadTerm['row']): HeadTerm => ({
    layer: 'last',
    state,
    row,
    weights: Float32Array.from({ length: target.info.hiddenSize }, (_, index) => Math.sin(3 * index + 1)),
  });
  return {
    terms: [term('pre-norm', 'own'), term('post-norm', 'previous')],
    bias: 0,
    threshold: 0.5,
    hiddenSize: target.info.hiddenSize,
    provenance: {
      model: target.info.name,
      fingerprint: target.info.fingerprint,
      dtype: target.info.dtype,
      data: 'made up',
      metrics: {},
      calibration: [],
    },
  };
};

test.each(['strict', 'judged', 'accepted whole'])(
  'a round (%s) costs two messages, however long the draft',
  async (kind) => {
    // its own draft is accepted to the last token, which the draft has not read then
    const drafts = kind === 'accepted whole' ? target : draft;
    const source = draftSession(drafts, await drafts.openSession());
    const base = rule(exactMatch(), kind === 'judged' ? judged(head()) : undefined);
    const messages = async (maxTokens: number) => {
      const ask = vi.spyOn(WorkerLine.prototype, 'ask');
      const { stats } = await generation({ draft: source, maxTokens, rule: base });
      const { length } = ask.mock.calls;
      ask.mockRestore();
      return { length, rounds: stats.rounds };
    };
    const [short, long] = [await messages(10), await messages(60)];
    expect(long.rounds).toBeGreaterThan(short.rounds);
    // what is not of a round: opening the session, reading the prompt
    expect((long.length - short.length) / (long.rounds - short.rounds)).toBeLessThanOrEqual(2);
  },
);
