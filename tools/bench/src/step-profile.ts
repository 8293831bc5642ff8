/**
 * Where a step of plain decoding goes, kernel by kernel, by ONNX Runtime's own profiler:
 * `JUDGE_MODELS=folder npx tsx src/step-profile.ts [--models a.gguf,b.gguf] [--threads 1] [--length 46] [--steps 30]`
 *
 * Of each node the quietest quarter of its runs is taken, so that other work on the machine counts little.
 * With one thread that is processor time. The profiler itself costs about a microsecond a node.
 */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { cachedDecoder } from '@judge-decoding/onnx/cache';
import { openOrtModel } from '@judge-decoding/ort-session';
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
    readonly input_type_shape?: readonly Readonly<Record<string, readonly number[]>>[];
  };
}

async function profile(location: string, folder: string): Promise<void> {
  const checkpoint = await openCheckpoint(location);
  const cacheFolder = process.env.JUDGE_CACHE ?? folder;
  const built = await cachedDecoder(checkpoint, { contextLength: 2048, cacheFolder });
  await checkpoint.dispose();
  const prefix = join(folder, 'profile');
  let session: ort.InferenceSession | undefined;
  const runtime = {
    ...ort,
    InferenceSession: {
      async create(path: string, options: ort.InferenceSession.SessionOptions) {
        session = await ort.InferenceSession.create(path, options);
        return session;
      },
    },
  };
  const model = await openOrtModel({
    runtime: runtime as typeof ort,
    graph: flag('graph', built.graphFile),
    shape: built.shape,
    info: {
      name: location,
      contextLength: 2048,
      prefillChunk: 64,
      vocabSize: built.shape.tokenCount,
      hiddenSize: built.shape.hiddenSize,
      layers: built.shape.layers,
      endTokens: [],
      specialTokens: [],
    } as never,
    sessionOptions: {
      executionProviders: ['cpu'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      enableProfiling: true,
      profileFilePrefix: prefix,
      extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '50' } } },
    },
  });
  const decoding = await model.openSession();
  await decoding.forward(
    Array.from({ length }, (_, index) => index + 100),
    {},
  );
  for (let step = 0; step < steps; step++) await decoding.forward([100 + step], { argmax: true });
  session!.endProfiling();
  const file = (await readdir(folder)).find((name) => name.startsWith('profile'))!;
  const events: ProfileEvent[] = JSON.parse(await readFile(join(folder, file), 'utf8'));
  console.log(JSON.stringify(events.filter((event) => event.args?.op_name === 'MatMulNBits').slice(-3)));
  const nodes = new Map<string, { key: string; runs: number[] }>();
  for (const { cat, name, dur, args } of events) {
    if (cat !== 'Node' || !name.endsWith('_kernel_time') || args?.op_name === undefined) continue;
    const shapes = (args.input_type_shape ?? []).map((each) => Object.values(each)[0]!.join('x'));
    const heavy = /MatMul/.test(args.op_name);
    const key = heavy ? `${args.op_name} ${shapes.join(' ')}` : args.op_name;
    const node = nodes.get(name) ?? { key, runs: [] };
    node.key = key;
    node.runs.push(dur);
    nodes.set(name, node);
  }
  const kinds = new Map<string, { nodes: number; time: number }>();
  for (const { key, runs } of nodes.values()) {
    const last = runs.slice(-steps).sort((a, b) => a - b);
    const kind = kinds.get(key) ?? { nodes: 0, time: 0 };
    kind.nodes++;
    kind.time += last[last.length >> 2]!;
    kinds.set(key, kind);
  }
  const total = [...kinds.values()].reduce((sum, { time }) => sum + time, 0);
  console.log(
    `${location.split('/').at(-1)}, ${threads} threads, ${total / 1000} ms in ${nodes.size} nodes\n`,
  );
  for (const [key, { nodes, time }] of [...kinds].sort(([, a], [, b]) => b.time - a.time)) {
    console.log(
      `| ${key} | ${nodes} | ${(time / 1000).toFixed(2)} | ${((100 * time) / total).toFixed(1)} % |`,
    );
  }
}

printMachine();
for (const file of flag('models', MODELS).split(',')) {
  const location = join(root, file);
  if (root === '' || !existsSync(location)) console.log(`Skipped: ${file} is not in JUDGE_MODELS.`);
  else await inFolder((folder) => profile(location, folder));
}
