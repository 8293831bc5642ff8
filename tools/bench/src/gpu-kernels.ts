/**
 * Where a pass on a GPU goes, in Node: milliseconds from call to answer, and by ONNX Runtime's own profiler what the GPU did in
 * them, kernel by kernel. What the kernels do not fill is the runtime's: dispatches, and the wait for the answer.
 *
 *     npm run -s gpu-kernels -- [--model FOLDER|FILE] [--dtype fp32] [--rows 1,8] [--length 100] [--passes 20] [--kinds 12]
 *       [--validation disabled|wgpuOnly|basic|full]        # how much of what ONNX Runtime asks of the GPU is checked first
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import { DEVICE_INPUTS, DEVICE_OUTPUTS, type DecoderShape } from '@judge-decoding/onnx/interface';
import { targetFolder } from '@judge-decoding/pocket-pair';
import * as ort from 'onnxruntime-node';
import { GPU_OPTIONS } from '../../../packages/backend-webgpu/src/node/gpu-options.ts';
import { NodeGpuRuntime } from '../../../packages/backend-webgpu/src/node/gpu-runtime.ts';
import { interval, median, printMachine } from './interleave.ts';
import { flag, inFolder } from './workspace.ts';

const model = resolve(flag('model', targetFolder));
const dtype = flag('dtype', 'fp32') as 'fp32' | 'int8' | 'int4';
const length = Number(flag('length', '100'));
const passes = Number(flag('passes', '20'));
const kinds = Number(flag('kinds', '12'));
const validationMode = flag('validation', '');

/** An event of the profiler's file, as far as it is read here. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
}

/** What a session is fed for a pass of so many rows after `length` tokens. */
function feedsOf({ hiddenSize, tokenCount }: DecoderShape, rows: number): Record<string, ort.Tensor> {
  const places = Array.from({ length: rows }, (_, row) => row);
  const tokens = places.map((row) => (row * 17 + 3) % tokenCount);
  return {
    [DEVICE_INPUTS.tokens]: new ort.Tensor('int32', Int32Array.from(tokens), [rows]),
    [DEVICE_INPUTS.start]: new ort.Tensor('int64', BigInt64Array.of(BigInt(length)), [1]),
    [DEVICE_INPUTS.last]: new ort.Tensor('int32', Int32Array.of(length + rows - 1), [1]),
    [DEVICE_INPUTS.total]: new ort.Tensor('int32', Int32Array.of(length + rows), [1]),
    [DEVICE_INPUTS.picked]: new ort.Tensor('int32', Int32Array.from(places), [rows]),
    [DEVICE_INPUTS.tells]: new ort.Tensor('bool', Uint8Array.of(rows > 1 ? 1 : 0), [1]),
    [DEVICE_INPUTS.next]: new ort.Tensor('int32', Int32Array.from(tokens), [rows, 1]),
    [DEVICE_INPUTS.terms]: new ort.Tensor('float32', new Float32Array(2 * hiddenSize), [2 * hiddenSize, 1]),
  };
}

printMachine();
await inFolder(async (folder) => {
  const checkpoint = await openCheckpoint(model);
  const cacheFolder = process.env.JUDGE_CACHE ?? folder;
  const contextLength = length + 64;
  const { graphFile, shape } = await cachedDecoder(checkpoint, {
    ...{ provider: 'webgpu', dtype, contextLength, cacheFolder },
  });
  await checkpoint.dispose();
  const runtime = new NodeGpuRuntime(ort);
  for (const rows of flag('rows', '1,8').split(',').map(Number))
    for (const profiled of [false, true]) {
      const session = await ort.InferenceSession.create(graphFile, {
        ...GPU_OPTIONS,
        ...(validationMode === '' ? {} : { executionProviders: [{ name: 'webgpu', ...{ validationMode } }] }),
        ...(profiled ? { enableProfiling: true, profileFilePrefix: join(folder, 'profile') } : {}),
      });
      const kept: Record<string, ort.Tensor> = {};
      const feeds = feedsOf(shape, rows);
      const dims = [1, shape.keyValueHeads, shape.contextLength, shape.headDim];
      for (let layer = 0; layer < shape.layers; layer++)
        for (const part of ['key', 'value'] as const) {
          const cache = await runtime.allocate('float32', dims);
          feeds[DEVICE_INPUTS[part](layer)] = cache;
          kept[DEVICE_OUTPUTS[part](layer)] = cache;
        }
      const wanted = { [DEVICE_OUTPUTS.argmax]: { type: 'int32', dims: [rows] } } as const;
      const samples: number[] = [];
      for (let pass = -3; pass < passes; pass++) {
        const start = performance.now();
        await runtime.run(session, feeds, { kept, wanted });
        if (pass >= 0) samples.push(performance.now() - start);
      }
      if (profiled) session.endProfiling();
      await session.release();
      samples.sort((a, b) => a - b);
      const timing = { name: '', samples, processor: [] };
      const [low, high] = interval(timing);
      const took = `${median(timing).toFixed(2)} ms (${low.toFixed(2)}–${high.toFixed(2)})`;
      console.log(
        `${model.split('/').at(-1)}, ${dtype}, ${rows} ${rows === 1 ? 'row' : 'rows'} after ${length}${profiled ? ', with the profiler' : ''}: ${took}`,
      );
      if (profiled) await tell(folder, passes + 3);
    }
  await runtime.dispose();
});

/** Kernels by what they took of a pass; the profiler's file is read and removed. */
async function tell(folder: string, runs: number): Promise<void> {
  const file = join(folder, (await readdir(folder)).find((name) => name.startsWith('profile'))!);
  const events = JSON.parse(await readFile(file, 'utf8')) as readonly ProfileEvent[];
  await rm(file);
  const sums = new Map<string, { count: number; microseconds: number }>();
  for (const { cat, name, dur } of events) {
    if (cat !== 'Api') continue;
    // node and kernel, of which the kernel is told
    const kernel = name.split('&').at(-1)!.replace(/^.*\./, '');
    const sum = sums.get(kernel) ?? { count: 0, microseconds: 0 };
    sums.set(kernel, { count: sum.count + 1, microseconds: sum.microseconds + dur });
  }
  const sorted = [...sums].sort(([, a], [, b]) => b.microseconds - a.microseconds);
  const all = sorted.reduce((total, [, { microseconds }]) => total + microseconds, 0);
  const dispatches = sorted.reduce((total, [, { count }]) => total + count, 0);
  console.log('\n| kernel | a pass | ms of a pass |\n| --- | ---: | ---: |');
  for (const [kernel, { count, microseconds }] of sorted.slice(0, kinds))
    console.log(`| ${kernel} | ${(count / runs).toFixed(1)} | ${(microseconds / 1000 / runs).toFixed(3)} |`);
  console.log(`| all | ${(dispatches / runs).toFixed(1)} | ${(all / 1000 / runs).toFixed(3)} |\n`);
}
