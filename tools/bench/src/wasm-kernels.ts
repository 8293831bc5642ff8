/**
 * Where a pass in WebAssembly goes, operator by operator, by ONNX Runtime's own profiler: `onnxruntime-web` in Node, one thread.
 *
 *     npm run -s wasm-kernels -- [--model FOLDER|FILE] [--dtypes fp32,int8] [--rows 1,10] [--length 100] [--passes 20] [--kinds 14] [--theirs]
 *
 * Passes are timed without the profiler first. Of each node of a profile the median of its runs counts; the profiler costs a
 * microsecond or two a node. `--theirs`: also a step as transformers.js makes it. `--turns 8`: no profile, but so many steps of ours and theirs by turns,
 * behind caches of zeros: a step behind a text that takes transformers.js minutes to read.
 */
import fs from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { buildDecoder, weightsInMemory } from '@judge-decoding/onnx';
import { DECODER_INPUTS, DECODER_OUTPUTS } from '@judge-decoding/onnx/interface';
import { targetFolder } from '@judge-decoding/pocket-pair';
import * as ort from 'onnxruntime-web/wasm';
import { transformersFolder } from '../anchors/other-forms.ts';
import { interval, median, printMachine } from './interleave.ts';
import type { Dtype } from './race-cases.ts';
import { medianWithInterval } from './rival-table.ts';
import { flag, inFolder } from './workspace.ts';

const model = resolve(flag('model', targetFolder));
const length = Number(flag('length', '100'));
const passes = Number(flag('passes', '20'));
const kinds = Number(flag('kinds', '14'));
const WARM_UPS = 3;

interface Profiled {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly output_type_shape?: readonly object[] };
}

type Feeds = Record<string, ort.Tensor>;
/** Opens a session, and says what it is fed and asked for. */
type Open = (options: ort.InferenceSession.SessionOptions) => Promise<{
  readonly session: ort.InferenceSession;
  readonly feeds: Feeds;
  readonly fetches: readonly string[];
}>;

const zeros = (...dims: number[]) =>
  new ort.Tensor('float32', new Float32Array(dims.reduce((product, size) => product * size, 1)), dims);
const whole = (values: readonly number[], dims: readonly number[] = [values.length]) =>
  new ort.Tensor('int64', BigInt64Array.from(values, BigInt), dims);
const ids = (count: number) => Int32Array.from({ length: count }, (_, row) => (row * 17 + 3) % 100);

/** Ours, as a page opens it: so many rows after `length` others. */
async function ours(dtype: Dtype, rows: number): Promise<Open> {
  const checkpoint = await openCheckpoint(model);
  const graph = buildDecoder(checkpoint, { dtype, contextLength: length + rows, provider: 'wasm' });
  const data = await weightsInMemory(graph);
  await checkpoint.dispose();
  const { layers, keyValueHeads, headDim, attentionHeads } = graph.shape;
  const columns = length + rows;
  const feeds: Feeds = {
    [DECODER_INPUTS.tokens]: new ort.Tensor('int32', ids(rows), [rows]),
    [DECODER_INPUTS.picked]: new ort.Tensor(
      'int32',
      Int32Array.from({ length: rows }, (_, row) => row),
      [rows],
    ),
    [DECODER_INPUTS.start]: whole([length]),
    [DECODER_INPUTS.mask]: zeros((rows * attentionHeads) / keyValueHeads, columns),
  };
  for (let layer = 0; layer < layers; layer++)
    for (const part of ['key', 'value'] as const)
      feeds[DECODER_INPUTS[part](layer)] = zeros(length, keyValueHeads, headDim);
  return async (options) => ({
    session: await ort.InferenceSession.create(graph.model, {
      ...options,
      externalData: [{ path: graph.weightsFile, data }],
    }),
    feeds,
    fetches: [DECODER_OUTPUTS.argmax, DECODER_OUTPUTS.newRows],
  });
}

/** As transformers.js makes a step of one token. */
async function theirs(dtype: Dtype, cacheFolder: string): Promise<Open> {
  const checkpoint = await openCheckpoint(model);
  const { layers, keyValueHeads, headDim } = checkpoint.config;
  await checkpoint.dispose();
  const folder = join(await transformersFolder(model, cacheFolder, dtype, 'wasm'), 'onnx');
  const name = `model${{ fp32: '', int8: '_int8', int4: '_q4' }[dtype]}.onnx`;
  const file = await readFile(join(folder, name));
  const data = await readFile(join(folder, `${name}_data`));
  const feeds: Feeds = {
    input_ids: whole([3], [1, 1]),
    attention_mask: whole(new Array(length + 1).fill(1), [1, length + 1]),
    num_logits_to_keep: whole([1], []),
  };
  for (let layer = 0; layer < layers; layer++)
    for (const part of ['key', 'value'])
      feeds[`past_key_values.${layer}.${part}`] = zeros(1, keyValueHeads, length, headDim);
  return async (options) => {
    const session = await ort.InferenceSession.create(file, {
      ...options,
      externalData: [{ path: `${name}_data`, data }],
    });
    const known = new Set(session.inputNames);
    return {
      session,
      feeds: Object.fromEntries(Object.entries(feeds).filter(([input]) => known.has(input))),
      fetches: session.outputNames,
    };
  };
}

/** What the runtime writes to the standard output while somebody listens: its profile goes there. */
let said: string[] | undefined;
const write = fs.writeSync as (...words: unknown[]) => number;
fs.writeSync = ((...words: unknown[]) => {
  if (said === undefined) return write(...words);
  said.push(String(words[1]));
  return 0;
}) as typeof fs.writeSync;

async function measure(name: string, open: Open): Promise<void> {
  for (const profiled of [false, true]) {
    const { session, feeds, fetches } = await open({
      executionProviders: ['wasm'],
      logSeverityLevel: 3,
      ...(profiled ? { enableProfiling: true } : {}),
    });
    const samples: number[] = [];
    for (let pass = -WARM_UPS; pass < passes; pass++) {
      const start = performance.now();
      await session.run(feeds, fetches as string[]);
      if (pass >= 0) samples.push(performance.now() - start);
    }
    if (profiled) {
      said = [];
      session.endProfiling();
    }
    const profile = said?.join('');
    said = undefined;
    await session.release();
    samples.sort((a, b) => a - b);
    const timing = { name, samples, processor: [] };
    const [low, high] = interval(timing);
    console.log(
      `${model.split('/').at(-1)}, ${name}, after ${length}${profiled ? ', with the profiler' : ''}: ${median(timing).toFixed(2)} ms (${low.toFixed(2)}–${high.toFixed(2)}; least ${samples[0]!.toFixed(2)})`,
    );
    if (profile !== undefined) tell(JSON.parse(profile) as readonly Profiled[]);
  }
}

/** Kinds of operators by what they take of a pass; products by their width. */
function tell(events: readonly Profiled[]): void {
  const nodes = new Map<string, { readonly kind: string; readonly runs: number[] }>();
  for (const { cat, name, dur, args } of events) {
    const kind = args?.op_name;
    if (cat !== 'Node' || kind === undefined) continue;
    const width = Object.values(args?.output_type_shape?.[0] ?? {})[0]?.at(-1);
    const node = nodes.get(name) ?? {
      kind: /MatMul|Gemm/.test(kind) ? `${kind} to ${width}` : kind,
      runs: [],
    };
    node.runs.push(dur);
    nodes.set(name, node);
  }
  const sums = new Map<string, { nodes: number; milliseconds: number }>();
  for (const { kind, runs } of nodes.values()) {
    runs.sort((a, b) => a - b);
    const sum = sums.get(kind) ?? { nodes: 0, milliseconds: 0 };
    sums.set(kind, { nodes: sum.nodes + 1, milliseconds: sum.milliseconds + runs[runs.length >> 1]! / 1000 });
  }
  const sorted = [...sums].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
  const total = sorted.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
  console.log('\n| operator | nodes | ms a pass | share |\n| --- | ---: | ---: | ---: |');
  for (const [kind, { nodes: count, milliseconds }] of sorted.slice(0, kinds))
    console.log(
      `| ${kind} | ${count} | ${milliseconds.toFixed(3)} | ${((100 * milliseconds) / total).toFixed(1)} % |`,
    );
  console.log(`| all | ${nodes.size} | ${total.toFixed(3)} | |\n`);
}

/** Steps of both by turns: wall and processor time, and theirs divided by ours, pair by pair. */
async function byTurns(dtype: Dtype, turns: number, cacheFolder: string): Promise<void> {
  const options = { executionProviders: ['wasm'], logSeverityLevel: 3 } as const;
  const arms = [await (await ours(dtype, 1))(options), await (await theirs(dtype, cacheFolder))(options)];
  const samples: (readonly { readonly wall: number; readonly processor: number }[])[] = [];
  for (let turn = -1; turn < turns; turn++) {
    const pair = [];
    for (const { session, feeds, fetches } of arms) {
      const [used, start] = [process.cpuUsage(), performance.now()];
      await session.run(feeds, fetches as string[]);
      const { user, system } = process.cpuUsage(used);
      pair.push({ wall: performance.now() - start, processor: (user + system) / 1000 });
    }
    if (turn >= 0) samples.push(pair);
  }
  for (const { session } of arms) await session.release();
  for (const kind of ['wall', 'processor'] as const) {
    const of = (arm: number) => samples.map((pair) => pair[arm]![kind]);
    const ratios = samples.map(([own, other]) => other![kind] / own![kind]);
    console.log(
      `${dtype}, 1 row after ${length}, ${kind} ms: ours ${medianWithInterval(of(0), 0)}, theirs ${medianWithInterval(of(1), 0)}, theirs : ours ${medianWithInterval(ratios, 2)}`,
    );
  }
}

printMachine();
ort.env.wasm.numThreads = 1;
await inFolder(async (folder) => {
  const cacheFolder = process.env.JUDGE_CACHE ?? folder;
  for (const dtype of flag('dtypes', 'fp32').split(',') as Dtype[]) {
    const turns = Number(flag('turns', '0'));
    if (turns > 0) {
      await byTurns(dtype, turns, cacheFolder);
      continue;
    }
    for (const rows of flag('rows', '1').split(',').map(Number))
      await measure(`${dtype}, ${rows} ${rows === 1 ? 'row' : 'rows'}`, await ours(dtype, rows));
    if (process.argv.includes('--theirs'))
      await measure(`${dtype}, as transformers.js has it, 1 row`, await theirs(dtype, cacheFolder));
  }
});
