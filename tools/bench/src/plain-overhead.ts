/**
 * What the backend costs above a bare loop of one-row runs on the same graph in the same thread
 * count: the hop to the worker, the checks, the decode loop. `npx tsx src/plain-overhead.ts`
 *
 * While the worker reads ahead, the thread that runs the model is the one that everything waits for.
 * Its processor time is what a token takes when nothing else runs, and can be told beside other work.
 */
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { complete } from '@judge-decoding/core';
import { DECODER_INPUTS, DECODER_OUTPUTS } from '@judge-decoding/onnx';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import * as ort from 'onnxruntime-node';
import {
  type Arm,
  interleave,
  median,
  printMachine,
  printTimings,
  processorMedian,
  quiet,
} from './interleave.ts';
import { parametersOf, TARGET, writeModel } from './synthetic-model.ts';
import { busiestSince, threadTimes } from './thread-times.ts';
import { flag, inFolder } from './workspace.ts';

const PROMPT = 200;
const threads = Number(flag('threads', '1'));
/** Tokens of an answer: a worker that reads ahead has read one too many at its end. */
const steps = Number(flag('steps', '120'));
const turns = Number(flag('turns', '20'));

await inFolder(async (folder) => {
  const location = await writeModel(join(folder, 'target'), TARGET);
  const cacheFolder = join(folder, 'cache');
  const model = await cpuBackend({ cacheFolder, threads }).open(location);
  const session = await model.openSession();
  const looped = await model.openSession();

  const checkpoint = await openCheckpoint(location);
  const { graphFile, shape } = await cachedDecoder(checkpoint, { cacheFolder });
  await checkpoint.dispose();
  const bare = await ort.InferenceSession.create(graphFile, {
    executionProviders: ['cpu'],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // as the backend has it
    extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '50' } } },
  });

  // the bare loop: what anybody would write by hand
  const width = shape.keyValueHeads * shape.headDim;
  const buffers = Array.from({ length: 2 * shape.layers }, () => new Float32Array(1024 * width));
  const zeros = new Float32Array(1024);
  const step = async (token: number, length: number) => {
    const past = Math.max(1, length); // an empty cache lends a row, and hides it
    const mask = length === 0 ? Float32Array.of(-1e30, 0) : zeros.subarray(0, past + 1);
    const feeds: Record<string, ort.Tensor> = {
      [DECODER_INPUTS.tokens]: new ort.Tensor('int32', Int32Array.of(token), [1]),
      [DECODER_INPUTS.start]: new ort.Tensor('int64', BigInt64Array.of(BigInt(length)), [1]),
      [DECODER_INPUTS.picked]: new ort.Tensor('int32', Int32Array.of(0), [1]),
      [DECODER_INPUTS.mask]: new ort.Tensor('float32', mask, [1, past + 1]),
    };
    for (const [index, buffer] of buffers.entries()) {
      const name = index % 2 === 0 ? DECODER_INPUTS.key(index / 2) : DECODER_INPUTS.value((index - 1) / 2);
      const dims = [past, shape.keyValueHeads, shape.headDim];
      feeds[name] = new ort.Tensor('float32', buffer.subarray(0, past * width), dims);
    }
    const results = await bare.run(feeds, {
      [DECODER_OUTPUTS.argmax]: null,
      [DECODER_OUTPUTS.newRows]: null,
    });
    const rows = results[DECODER_OUTPUTS.newRows]!.data as Float32Array;
    for (const [index, buffer] of buffers.entries()) {
      buffer.set(rows.subarray(index * width, (index + 1) * width), length * width);
    }
    return Number(results[DECODER_OUTPUTS.argmax]!.data[0]);
  };
  const bareLoop = async () => {
    let token = 1;
    for (let length = PROMPT; length < PROMPT + steps; length++) token = await step(token, length);
    return steps;
  };

  const prompt = Array.from({ length: PROMPT }, (_, index) => index % model.info.vocabSize);
  await session.forward(prompt, {});
  for (const [length, token] of prompt.entries()) await step(token, length);
  const backendLoop = async () => {
    session.truncate(PROMPT);
    let token = 1;
    for (let count = 0; count < steps; count++) {
      const { argmax } = await session.forward([token], { argmax: true });
      token = argmax[0]!;
    }
    return steps;
  };
  const givenText = async () => {
    session.truncate(PROMPT);
    let token = 1;
    for (let count = 0; count < steps; count++) {
      const { argmax } = await session.forward([token], { argmax: true });
      // never what the argmax says: nothing can be read ahead
      token = (argmax[0]! + 1) % model.info.vocabSize;
    }
    return steps;
  };
  let target: Parameters<typeof complete>[0]['target'] = looped;
  const coreLoop = async () => {
    // the prompt stays cached from turn to turn, as in a chat
    const done = await complete({
      model: model.info,
      target,
      prompt,
      maxTokens: steps,
      sampling: { temperature: 0 },
    });
    target = done.target;
    return done.tokens.length;
  };

  printMachine();
  console.log(
    `${(parametersOf(TARGET) / 1e6).toFixed(1)}M parameters, ${threads} thread(s), ${steps} steps after ${PROMPT} tokens; milliseconds a token\n`,
  );
  const arms = {
    'bare loop of runs': bareLoop,
    'session.forward, nothing read ahead': givenText,
    'session.forward': backendLoop,
    'core, plain decoding': coreLoop,
  };
  const busiest = new Map<string, number[]>();
  const watched = Object.entries(arms).map(([name, arm]): [string, Arm] => {
    const samples: number[] = [];
    busiest.set(name, samples);
    return [
      name,
      async () => {
        const before = threadTimes();
        const units = await arm();
        samples.push(busiestSince(before) / units);
        return units;
      },
    ];
  });
  const timings = await interleave(Object.fromEntries(watched), { turns, visits: 2 });
  printTimings(timings);
  console.log('\nbusiest thread:');
  for (const [name, samples] of busiest) {
    samples.sort((a, b) => a - b);
    console.log(`${name}: ${samples[Math.floor(samples.length / 2)]!.toFixed(3)} ms of processor time`);
  }
  const [base, ...others] = timings;
  for (const timing of others) {
    const share = (of: typeof median) => `${((of(timing) / of(base!) - 1) * 100).toFixed(1)} %`;
    console.log(
      `\n${timing.name}: ${share(median)} over the bare loop by medians, ${share(quiet)} in the quietest tenth, ${share(processorMedian)} of processor time`,
    );
  }
  await model.dispose();
  await bare.release();
});
