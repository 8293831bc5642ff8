/**
 * Where a pass on a GPU goes, in Node: milliseconds from call to answer, and by ONNX Runtime's own profiler what the GPU did in
 * them, kernel by kernel. What the kernels do not fill is the runtime's: dispatches, and the wait for the answer.
 *
 *     npm run -s gpu-kernels -- [--model FOLDER|FILE] [--dtype fp32] [--rows 1,8] [--length 100] [--context 164] [--passes 20] [--kinds 12]
 *       [--theirs]                                         # and a step as transformers.js makes it
 *       [--together 8]                                     # and so many steps of which each reads what the one before says
 *       [--no-profile] [--validation disabled|wgpuOnly|basic|full]        # how much of what ONNX Runtime asks of the GPU is checked first
 */
import { readdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { targetFolder } from '@judge-decoding/pocket-pair';
import * as ort from 'onnxruntime-node';
import { NodeGpuRuntime } from '../../../packages/backend-webgpu/src/node/gpu-runtime.ts';
import { ours, type Passes, theirs } from './gpu-passes.ts';
import { interval, median, printMachine } from './interleave.ts';
import { flag, inFolder } from './workspace.ts';

const model = resolve(flag('model', targetFolder));
const dtype = flag('dtype', 'fp32') as 'fp32' | 'int8' | 'int4';
const length = Number(flag('length', '100'));
const passes = Number(flag('passes', '20'));
const kinds = Number(flag('kinds', '12'));
const validationMode = flag('validation', '');

const together = Number(flag('together', '8'));
const WARM_UPS = 3;

/** An event of the profiler's file, as far as it is read here. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
}

printMachine();
await inFolder(async (folder) => {
  const runtime = new NodeGpuRuntime(ort);
  const cacheFolder = process.env.JUDGE_CACHE ?? folder;
  const measure = async (
    name: string,
    open: (options: ort.InferenceSession.SessionOptions) => Promise<Passes>,
    { steps = 1, profiled = false } = {},
  ) => {
    const { session, run } = await open({
      ...(validationMode === '' ? {} : { executionProviders: [{ name: 'webgpu', ...{ validationMode } }] }),
      ...(profiled ? { enableProfiling: true, profileFilePrefix: join(folder, 'profile') } : {}),
    });
    const samples: number[] = [];
    for (let pass = -WARM_UPS; pass < passes; pass++) {
      const start = performance.now();
      await run();
      if (pass >= 0) samples.push((performance.now() - start) / steps);
    }
    if (profiled) session.endProfiling();
    await session.release();
    samples.sort((a, b) => a - b);
    const timing = { name: '', samples, processor: [] };
    const [low, high] = interval(timing);
    console.log(
      `${model.split('/').at(-1)}, ${dtype}, ${name}, after ${length}${profiled ? ', with the profiler' : ''}: ${median(timing).toFixed(2)} ms (${low.toFixed(2)}–${high.toFixed(2)})`,
    );
    if (profiled) await tell(folder, passes + WARM_UPS);
  };
  const contextLength = Number(flag('context', String(length + 64)));
  const asked = { runtime, model, dtype, cacheFolder, length, contextLength };
  const arms = flag('rows', '1,8')
    .split(',')
    .map((rows) => ({
      name: `${rows} ${rows === '1' ? 'row' : 'rows'}`,
      open: (options: ort.InferenceSession.SessionOptions) => ours({ ...asked, options }, Number(rows)),
    }));
  if (process.argv.includes('--theirs'))
    arms.push({ name: 'transformers.js, 1 row', open: (options) => theirs({ ...asked, options }) });
  for (const { name, open } of arms) {
    await measure(name, open);
    if (together > 1 && name === '1 row')
      await measure(`1 row of ${together} at once`, (options) => ours({ ...asked, options }, 1, together), {
        steps: together,
      });
    if (!process.argv.includes('--no-profile')) await measure(name, open, { profiled: true });
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
