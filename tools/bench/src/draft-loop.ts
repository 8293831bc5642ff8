/**
 * A greedy draft in one run against a run for each token, on the same weights, alone and right after a
 * verify pass of the target has been through the caches. `npx tsx src/draft-loop.ts [--count 32]
 * [--dtype fp32] [--turns 60]`
 */
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import type { Session } from '@judge-decoding/core';
import type { DecoderDtype } from '@judge-decoding/onnx';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import { openOrtModel } from '@judge-decoding/ort-session';
import * as ort from 'onnxruntime-node';
import { interleave, printMachine, printTimings } from './interleave.ts';
import { type ModelShape, parametersOf, TARGET, writeModel } from './synthetic-model.ts';
import { flag, inFolder } from './workspace.ts';

/** The pocket pair's draft. */
const DRAFT: ModelShape = {
  hiddenSize: 96,
  layers: 2,
  attentionHeads: 3,
  keyValueHeads: 1,
  intermediateSize: 256,
  tokens: 1024,
  contextLength: 1024,
};
const PROMPT = 200;
const count = Number(flag('count', '32'));
const turns = Number(flag('turns', '60'));
/** Of both models; checked where the graph is built. */
const dtype = flag('dtype', 'fp32') as DecoderDtype;

await inFolder(async (folder) => {
  const open = async (shape: ModelShape, threads: number, loop: boolean): Promise<Session> => {
    const location = await writeModel(join(folder, String(parametersOf(shape))), shape);
    const checkpoint = await openCheckpoint(location);
    const graph = await cachedDecoder(checkpoint, { cacheFolder: join(folder, 'cache'), dtype });
    await checkpoint.dispose();
    const { tokenCount, hiddenSize, layers, contextLength } = graph.shape;
    const model = await openOrtModel({
      runtime: ort,
      graph: graph.graphFile,
      draftGraph: loop ? graph.draftGraphFile : undefined,
      shape: graph.shape,
      info: {
        name: 'made up',
        architecture: 'LlamaForCausalLM',
        vocabSize: tokenCount,
        hiddenSize,
        layers,
        contextLength,
        endTokens: [],
        specialTokens: [],
        dtype: graph.dtype,
        device: 'cpu',
        prefillChunk: 64,
        fingerprint: { architecture: '', tokenizer: '', weights: '' },
      },
      sessionOptions: { executionProviders: ['cpu'], intraOpNumThreads: threads, interOpNumThreads: 1 },
    });
    const session = await model.openSession();
    await session.forward(
      Array.from({ length: PROMPT }, (_, index) => (37 * index) % tokenCount),
      {},
    );
    return session;
  };
  const target = await open(TARGET, 1, false);
  const draft = async (session: Session) => {
    session.truncate(PROMPT);
    return (await session.propose([7], { count })).tokens.length;
  };
  const [byRuns, inOneRun] = [await open(DRAFT, 1, false), await open(DRAFT, 1, true)];
  const drafted = await Promise.all(
    [byRuns, inOneRun].map(async (session) => (await session.propose([7], { count })).tokens.join(' ')),
  );

  printMachine();
  console.log(
    `${(parametersOf(DRAFT) / 1e6).toFixed(2)}M parameters, ${dtype}, ${count} tokens after ${PROMPT}, ` +
      `${drafted[0] === drafted[1] ? 'the same tokens' : 'DIFFERENT tokens'}; milliseconds a token\n`,
  );
  const verify = async () => {
    target.truncate(PROMPT);
    await target.forward(
      Array.from({ length: count + 1 }, (_, index) => index),
      { argmax: true },
    );
  };
  console.log('alone:\n');
  printTimings(
    await interleave(
      { 'a run for each token': () => draft(byRuns), 'one run': () => draft(inOneRun) },
      { turns },
    ),
  );
  const round = (session: Session) => async () => {
    await verify();
    return draft(session);
  };
  console.log('\nwith a verify pass before each draft, whose time is in all three:\n');
  printTimings(
    await interleave(
      {
        'a run for each token': round(byRuns),
        'one run': round(inOneRun),
        'no draft': async () => {
          await verify();
          return count;
        },
      },
      { turns },
    ),
  );
});
