/**
 * Where a step of plain decoding goes, kernel by kernel, by ONNX Runtime's own profiler.
 * `JUDGE_MODELS=folder npx tsx src/step-profile.ts [--models a.gguf,b.gguf] [--threads 1] [--length 46] [--steps 30]`
 *
 * Of each node the quietest quarter of its runs counts. With one thread that is about processor time, but for
 * kernels of tens of milliseconds (the output matrix), which no busy machine leaves alone. The profiler itself costs
 * a microsecond or two a node.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import { DECODER_INPUTS, DECODER_OUTPUTS } from '@judge-decoding/onnx/interface';
import * as ort from 'onnxruntime-node';
import { printMachine } from './interleave.ts';
import { flag, inFolder } from './workspace.ts';

const MODELS = 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf,qwen2.5-coder-1.5b-instruct-q4_k_m.gguf';
const root = process.env.JUDGE_MODELS ?? '';
const threads = Number(flag('threads', '1'));
const length = Number(flag('length', '46'));
const steps = Number(flag('steps', '30'));

/** An event of the profiler's file, as far as it is read here. */
interface ProfileEvent {
  readonly cat: string;
  readonly name: string;
  /** Microseconds. */
  readonly dur: number;
  readonly args?: {
    readonly op_name?: string;
    readonly output_type_shape?: Shapes;
    readonly input_type_shape?: Shapes;
  };
}

/** Of each tensor its type and dimensions. */
type Shapes = readonly Readonly<Record<string, readonly number[]>>[];

interface Kind {
  readonly nodes: number;
  readonly milliseconds: number;
}

/** Runs some steps and returns the profiler's events. */
async function events(location: string, folder: string): Promise<readonly ProfileEvent[]> {
  const checkpoint = await openCheckpoint(location);
  const cacheFolder = process.env.JUDGE_CACHE ?? folder;
  const { graphFile, shape } = await cachedDecoder(checkpoint, { contextLength: 2048, cacheFolder });
  await checkpoint.dispose();
  const session = await ort.InferenceSession.create(graphFile, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    enableProfiling: true,
    profileFilePrefix: join(folder, 'profile'),
    // as the backend has it
    extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '50' } } },
  });
  const { layers, keyValueHeads, headDim, attentionHeads } = shape;
  const zeros = (...dims: number[]) =>
    new ort.Tensor('float32', new Float32Array(dims.reduce((a, b) => a * b, 1)), dims);
  const feeds: Record<string, ort.Tensor> = {
    tokens: new ort.Tensor('int32', Int32Array.of(100), [1]),
    picked: new ort.Tensor('int32', Int32Array.of(0), [1]),
    start: new ort.Tensor('int64', BigInt64Array.of(BigInt(length)), [1]),
    mask: zeros(attentionHeads / keyValueHeads, length + 1),
  };
  for (let layer = 0; layer < layers; layer++) {
    feeds[DECODER_INPUTS.key(layer)] = zeros(length, keyValueHeads, headDim);
    feeds[DECODER_INPUTS.value(layer)] = zeros(length, keyValueHeads, headDim);
  }
  for (let step = 0; step < steps; step++)
    await session.run(feeds, [DECODER_OUTPUTS.argmax, DECODER_OUTPUTS.newRows]);
  session.endProfiling();
  const file = (await readdir(folder)).find((name) => name.startsWith('profile'))!;
  return JSON.parse(await readFile(join(folder, file), 'utf8'));
}

/** What a node does: products by their widths, all else by the operator. */
function kindOf({
  op_name = '',
  input_type_shape = [],
  output_type_shape = [],
}: NonNullable<ProfileEvent['args']>) {
  if (op_name !== 'MatMulNBits') return op_name;
  const width = (shapes: Shapes) => Object.values(shapes[0] ?? {})[0]?.at(-1);
  return `${op_name}, ${width(input_type_shape)} to ${width(output_type_shape)}`;
}

function byKind(all: readonly ProfileEvent[]): ReadonlyMap<string, Kind> {
  const nodes = new Map<string, { readonly kind: string; readonly runs: number[] }>();
  for (const { cat, name, dur, args } of all) {
    if (cat !== 'Node' || args?.op_name === undefined) continue;
    const node = nodes.get(name) ?? { kind: kindOf(args), runs: [] };
    node.runs.push(dur);
    nodes.set(name, node);
  }
  const kinds = new Map<string, Kind>();
  for (const { kind, runs } of nodes.values()) {
    runs.sort((a, b) => a - b);
    const known = kinds.get(kind) ?? { nodes: 0, milliseconds: 0 };
    const milliseconds = known.milliseconds + runs[runs.length >> 2]! / 1000;
    kinds.set(kind, { nodes: known.nodes + 1, milliseconds });
  }
  return kinds;
}

printMachine();
for (const file of flag('models', MODELS).split(',')) {
  const location = join(root, file);
  if (root === '' || !existsSync(location)) {
    console.log(`Skipped: ${file} is not in JUDGE_MODELS.`);
    continue;
  }
  const kinds = [...byKind(await inFolder((folder) => events(location, folder)))];
  const total = kinds.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
  console.log(
    `${file}, ${threads === 1 ? 'one thread' : `${threads} threads`}, ${length} tokens cached, ${steps} steps\n\n` +
      '| kernel | nodes | ms a step | share |\n| --- | ---: | ---: | ---: |',
  );
  for (const [kind, { nodes, milliseconds }] of kinds.sort(
    ([, a], [, b]) => b.milliseconds - a.milliseconds,
  )) {
    console.log(
      `| ${kind} | ${nodes} | ${milliseconds.toFixed(2)} | ${((100 * milliseconds) / total).toFixed(1)} % |`,
    );
  }
  console.log(`| all | | ${total.toFixed(2)} | |\n`);
}
