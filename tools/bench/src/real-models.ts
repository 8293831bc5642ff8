/**
 * Real models by dtype: how long they take to open, tokens a second, peak memory, and how far their
 * next-token distributions are from float32. `JUDGE_MODELS=folder npx tsx src/real-models.ts
 * [--models a.gguf,b] [--dtypes fp32,auto,int4] [--threads 2] [--steps 60] [--reference true]`
 *
 * Each model and dtype runs in a process of its own, opened twice: without and with its graph in
 * the cache. With `--reference true` fp32 goes first and the others are compared with it over the
 * text it writes; with `--timings false` that is all that is done, and each is opened once. `JUDGE_CACHE`
 * says where graphs stay; without it they go with the temporary folder.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type CpuModel, cpuBackend } from '@judge-decoding/backend-cpu';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import type { DecoderDtype, WeightsReport } from '@judge-decoding/onnx';
import { meanDivergence, sameFavourites } from './divergence.ts';
import { printMachine } from './interleave.ts';
import { flag, inFolder } from './workspace.ts';

const MODELS = [
  'smollm2-135m-instruct-q4_1.gguf',
  'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
  'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
];
const QUESTIONS = [
  'Write a Python function that tells whether a number is prime.',
  'Natalia sold clips to 48 friends in April, and half as many in May. How many did she sell altogether?',
  'Explain in two sentences why the sky is blue.',
  'List three sorting algorithms and their running times.',
];
/** Tokens written after each question, compared row by row. */
const WRITTEN = 32;
const CONTEXT = 2048;

interface Measured {
  readonly dtype: string;
  readonly weights: WeightsReport;
  readonly openSeconds: number;
  readonly timings?: Timings;
  readonly divergence?: number;
  readonly agreement?: number;
}

interface Timings {
  /** Rows of the longest prompt a second. */
  readonly prefill: number;
  /** Milliseconds a step, ascending. */
  readonly steps: readonly number[];
  readonly processorMs: number;
  readonly peakMegabytes: number;
}

/** What fp32 wrote after each prompt, and where its logits are: float32 [texts · WRITTEN, tokens]. */
interface Reference {
  readonly texts: readonly { readonly prompt: readonly number[]; readonly written: readonly number[] }[];
  readonly logitsFile: string;
}

const threads = Number(flag('threads', '2'));
const steps = Number(flag('steps', '60'));
const isTimed = flag('timings', 'true') === 'true';

async function measure(location: string, dtype: DecoderDtype, cacheFolder: string, referenceFile: string) {
  const start = performance.now();
  const model = await cpuBackend({ cacheFolder, threads, contextLength: CONTEXT }).open(location, { dtype });
  const openSeconds = (performance.now() - start) / 1000;
  const checkpoint = await openCheckpoint(location);
  const prompts = QUESTIONS.map((content) => checkpoint.tokenizer.encodeChat([{ role: 'user', content }]));
  await checkpoint.dispose();

  const timings = isTimed ? await time(model, prompts) : undefined;
  const compared = referenceFile === '' ? {} : await compare(model, prompts, dtype, referenceFile);
  const { info, weights } = model;
  await model.dispose();
  const measured: Measured = {
    dtype: info.dtype,
    weights,
    openSeconds,
    ...(timings && { timings }),
    ...compared,
  };
  return measured;
}

async function time(model: CpuModel, prompts: readonly number[][]): Promise<Timings> {
  const long = Array.from({ length: 6 }, () => prompts.flat())
    .flat()
    .slice(0, 512);
  const session = await model.openSession();
  await session.forward(long.slice(0, 128), {});
  session.truncate(0);
  const read = performance.now();
  await session.forward(long, {});
  const prefill = (1000 * long.length) / (performance.now() - read);

  let token = prompts[0]!.at(-1)!;
  const taken: number[] = [];
  const used = process.cpuUsage();
  for (let step = 0; step < steps; step++) {
    const before = performance.now();
    token = (await session.forward([token], { argmax: true })).argmax[0]!;
    taken.push(performance.now() - before);
  }
  const { user, system } = process.cpuUsage(used);
  await session.dispose();
  return {
    prefill,
    steps: taken.sort((a, b) => a - b),
    processorMs: (user + system) / 1000 / steps,
    peakMegabytes: process.resourceUsage().maxRSS / 1024,
  };
}

/** fp32 writes the reference, the others are held against it. */
async function compare(model: CpuModel, prompts: readonly number[][], dtype: DecoderDtype, file: string) {
  const logitsFile = `${file}.logits`;
  const session = await model.openSession();
  if (dtype === 'fp32') {
    const rows: Uint8Array[] = [];
    const texts: { prompt: number[]; written: number[] }[] = [];
    for (const prompt of prompts) {
      session.truncate(0);
      await session.forward(prompt.slice(0, -1), {});
      const written: number[] = [];
      let token = prompt.at(-1)!;
      for (let count = 0; count < WRITTEN; count++) {
        const { argmax, logits } = await session.forward([token], { argmax: true, logits: true });
        rows.push(new Uint8Array(logits.slice().buffer));
        token = argmax[0]!;
        written.push(token);
      }
      texts.push({ prompt, written });
    }
    await writeFile(logitsFile, Buffer.concat(rows));
    await writeFile(file, JSON.stringify({ texts, logitsFile } satisfies Reference));
    return {};
  }
  const reference: Reference = JSON.parse(await readFile(file, 'utf8'));
  const { vocabSize } = model.info;
  const bytes = await readFile(reference.logitsFile);
  const expected = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  const actual = new Float32Array(expected.length);
  for (const [index, { prompt, written }] of reference.texts.entries()) {
    session.truncate(0);
    await session.forward(prompt.slice(0, -1), {});
    const fed = [prompt.at(-1)!, ...written.slice(0, -1)];
    const { logits } = await session.forward(fed, { logits: true });
    actual.set(logits, index * WRITTEN * vocabSize);
  }
  return {
    divergence: meanDivergence(expected, actual, vocabSize),
    agreement: sameFavourites(expected, actual, vocabSize),
  };
}

async function inOwnProcess(args: readonly string[]): Promise<Measured> {
  const options = ['--threads', String(threads), '--steps', String(steps), '--timings', String(isTimed)];
  const script = fileURLToPath(import.meta.url);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [...process.execArgv, script, '--one', ...args, ...options],
    { maxBuffer: 1 << 24 },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1)!);
}

const one = process.argv.indexOf('--one');
if (one >= 0) {
  const [location, dtype, cacheFolder, reference] = process.argv.slice(one + 1);
  const measured = await measure(location!, dtype as DecoderDtype, cacheFolder!, reference!);
  console.log(JSON.stringify(measured));
  process.exit(0);
}

const root = process.env.JUDGE_MODELS;
if (root === undefined) {
  console.log('real-models: not run, JUDGE_MODELS does not name a folder of models.');
  process.exit(0);
}
printMachine();
const timed = ['first open s', 'again s', 'prefill tok/s', 'steps tok/s, median (quietest tenth)'];
timed.push('processor ms a step', 'peak MB');
const heads = ['model', 'asked', 'runs as', 'MB read a step', ...(isTimed ? timed : [])];
heads.push('KL to fp32', 'same favourite');
if (isTimed)
  console.log(`${threads} threads, context ${CONTEXT}, prefill of 512 tokens, ${steps} steps after it\n`);
console.log(`| ${heads.join(' | ')} |\n|${heads.map((_, at) => (at < 3 ? ' --- ' : ' ---: ')).join('|')}|`);
await inFolder(async (folder) => {
  const cacheFolder = process.env.JUDGE_CACHE ?? join(folder, 'cache');
  const wanted = flag('dtypes', 'auto,int4').split(',');
  const reports: string[] = [];
  for (const name of flag('models', MODELS.join()).split(',')) {
    const location = join(root, name);
    if (!existsSync(location)) {
      console.log(`| ${name} | not there |`);
      continue;
    }
    const isCompared = flag('reference', 'false') === 'true';
    const reference = isCompared ? join(folder, 'reference.json') : '';
    for (const dtype of isCompared ? ['fp32', ...wanted.filter((each) => each !== 'fp32')] : wanted) {
      const first = isTimed ? await inOwnProcess([location, dtype, cacheFolder, '']) : undefined;
      const again = await inOwnProcess([location, dtype, cacheFolder, reference]);
      const cells = [
        name,
        dtype,
        again.dtype,
        (again.weights.bytesPerToken / 1e6).toFixed(0),
        ...(first === undefined ? [] : timedCells(first, again)),
        again.divergence?.toFixed(5) ?? '',
        again.agreement === undefined ? '' : `${(100 * again.agreement).toFixed(1)} %`,
      ];
      console.log(`| ${cells.join(' | ')} |`);
      const rounded = again.weights.carried.filter(({ exact }) => !exact);
      const said = rounded.map(
        ({ stored, bits, use, matrices, relativeError }) =>
          `${matrices} ${stored} to ${bits} bits for ${use}: ${(100 * relativeError).toFixed(2)} %`,
      );
      if (said.length > 0)
        reports.push(`${name} as ${dtype}, relative error of what was rounded: ${said.join('; ')}`);
    }
  }
  console.log(`\n${reports.join('\n')}`);
});

function timedCells(first: Measured, again: Measured): readonly string[] {
  const { steps: taken, prefill, processorMs, peakMegabytes } = again.timings!;
  const at = (share: number) => taken[Math.floor(share * taken.length)]!;
  return [
    first.openSeconds.toFixed(1),
    again.openSeconds.toFixed(1),
    prefill.toFixed(0),
    `${(1000 / at(0.5)).toFixed(1)} (${(1000 / at(0.1)).toFixed(1)})`,
    processorMs.toFixed(0),
    `${first.timings!.peakMegabytes.toFixed(0)}, ${peakMegabytes.toFixed(0)}`,
  ];
}
