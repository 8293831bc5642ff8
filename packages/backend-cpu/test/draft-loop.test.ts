import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import type { Session } from '@judge-decoding/core';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import { type OrtRuntime, openOrtModel } from '@judge-decoding/ort-session';
import * as ort from 'onnxruntime-node';
import { afterAll, expect, test } from 'vitest';

const root = await mkdtemp(join(tmpdir(), 'judge-draft-loop-'));
afterAll(() => rm(root, { recursive: true, force: true }));

/** onnxruntime-node, and how many graphs were run. */
function counted(): { readonly runtime: OrtRuntime; runs: number } {
  const count = {
    runs: 0,
    runtime: {
      Tensor: ort.Tensor,
      InferenceSession: {
        create: async (...args: Parameters<typeof ort.InferenceSession.create>) => {
          const session = await ort.InferenceSession.create(...args);
          return new Proxy(session, {
            get(of, name) {
              if (name === 'run') count.runs++;
              const value = Reflect.get(of, name);
              return typeof value === 'function' ? value.bind(of) : value;
            },
          });
        },
      },
    } as unknown as OrtRuntime,
  };
  return count;
}

const CONTEXT = 64;
const PROMPT = [5, 9, 40, 77, 3];

const open = async (shape: Parameters<typeof makeTinyCheckpoint>[1], dtype: 'fp32' | 'int8' | 'int4') => {
  const folder = join(root, JSON.stringify([shape, dtype]).replaceAll(/\W+/g, '-'));
  await makeTinyCheckpoint(folder, shape);
  const checkpoint = await openCheckpoint(folder);
  const graph = await cachedDecoder(checkpoint, {
    cacheFolder: join(root, 'cache'),
    contextLength: CONTEXT,
    dtype,
  });
  const { config } = checkpoint;
  const info = {
    name: 'tiny',
    architecture: config.architecture,
    vocabSize: config.tokenCount,
    hiddenSize: config.hiddenSize,
    layers: config.layers,
    contextLength: CONTEXT,
    endTokens: [],
    specialTokens: [],
    dtype,
    device: 'cpu',
    prefillChunk: 16,
    fingerprint: await checkpoint.fingerprint(),
  };
  await checkpoint.dispose();
  const count = counted();
  const openSession = async (draftGraph: string | undefined) => {
    const model = await openOrtModel({
      runtime: count.runtime,
      graph: graph.graphFile,
      draftGraph,
      shape: graph.shape,
      info,
    });
    return model.openSession();
  };
  expect(graph.draftGraphFile).toBeDefined();
  const sessions = {
    byRuns: await openSession(undefined),
    inOneRun: await openSession(graph.draftGraphFile),
  };
  for (const session of Object.values(sessions)) await session.forward(PROMPT, {});
  return { ...sessions, count };
};

const last = async (session: Session) => (await session.forward([11], { logits: true })).logits;

test.each([
  [{ layers: 1 }, 'fp32'],
  [{ layers: 2, attentionHeads: 4, keyValueHeads: 4 }, 'fp32'],
  [{ layers: 2, attentionHeads: 4, keyValueHeads: 1 }, 'fp32'],
  [{ layers: 2 }, 'int8'],
  [{ layers: 2 }, 'int4'],
] as const)('one run drafts what a run for each token drafts: %j, %s', async (shape, dtype) => {
  const { byRuns, inOneRun, count } = await open(shape, dtype);
  for (const tokens of [[20], [20, 21, 22]]) {
    const request = { count: 12 };
    const expected = await byRuns.propose(tokens, request);
    const before = count.runs;
    expect(await inOneRun.propose(tokens, request)).toEqual(expected);
    expect(count.runs - before).toBe(tokens.length > 1 ? 2 : 1);
    expect(inOneRun.length).toBe(byRuns.length);
    // and the cache holds the rows of what was fed
    const [a, b] = [await last(byRuns), await last(inOneRun)];
    const far = Math.hypot(...a.map((value, index) => value - b[index]!)) / Math.hypot(...a);
    expect(far).toBeLessThan(dtype === 'fp32' ? 1e-5 : 0.1);
    for (const session of [byRuns, inOneRun]) session.truncate(PROMPT.length);
  }
});

test('it ends with an end token, and where the context does', async () => {
  const { byRuns, inOneRun } = await open({ layers: 2 }, 'fp32');
  const { tokens } = await byRuns.propose([20], { count: 10 });
  const end = tokens.find((token, index) => index > 2 && !tokens.slice(0, index).includes(token))!;
  const ended = await inOneRun.propose([20], { count: 10, endTokens: [end] });
  expect(ended.tokens).toEqual(tokens.slice(0, tokens.indexOf(end) + 1));
  expect(inOneRun.length).toBe(PROMPT.length + ended.tokens.length);
  const near = Array.from({ length: CONTEXT - 3 - inOneRun.length }, (_, index) => index % 50);
  await inOneRun.forward(near, {});
  expect((await inOneRun.propose([20], { count: 10 })).tokens).toHaveLength(3);
  expect(inOneRun.length).toBe(CONTEXT);
});

test('an empty cache has nothing to attend to yet: the first token is drafted by a pass', async () => {
  const { byRuns, inOneRun } = await open({ layers: 2 }, 'fp32');
  for (const session of [byRuns, inOneRun]) session.truncate(0);
  const expected = await byRuns.propose([20], { count: 5 });
  expect(await inOneRun.propose([20], { count: 5 })).toEqual(expected);
});
