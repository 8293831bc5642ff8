import { mkdtemp, open as openFile, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CudaDtype, type CudaOptions, parseSynthetic } from '@judge-decoding/backend-cuda';
import { expectedTensors, narrow } from '@judge-decoding/checkpoint';
import { makeTinyCheckpoint } from '@judge-decoding/checkpoint/testing';
import { uniforms } from './numbers.ts';
import { eachItem, type Part, type Run, withModel } from './run.ts';

/** From the call to a model that answers. Seconds. */
export interface OpenResult {
  readonly what: string;
  readonly gigabytes: number;
  readonly seconds: number;
  /** A second time, with the folder in which `judge` remembers digests of weights. */
  readonly again: number;
}

const SMALL = { hiddenSize: 64, layers: 1, attentionHeads: 2, keyValueHeads: 1, headDim: 32 } as const;
/** What config.json says of a model in the shape of Qwen2.5 1.5B, but for its biases. */
const FULL = {
  ...{ hidden_size: 1536, num_hidden_layers: 28, num_attention_heads: 12, num_key_value_heads: 2 },
  ...{ head_dim: 128, intermediate_size: 8960, vocab_size: 151_936, max_position_embeddings: 4096 },
} as const;

/** A synthetic model, or a folder run as a type. */
type Opened =
  | { readonly model: string; readonly dtype?: never }
  | { readonly dtype: CudaDtype; readonly model?: never };

const SHAPE = 'random:hidden=1536,layers=28,heads=12,kv=2,headDim=128,ff=8960,rows=151936,tied=1';

export const open: Part = (run) => {
  const synthetic = run.quick
    ? ['random:hidden=64,rows=256:int8']
    : ['llama-3.1-8b:bf16', 'llama-3.1-8b:int4'];
  const folders: readonly CudaDtype[] = run.quick ? ['bf16'] : ['bf16', 'int8', 'int4'];
  const items: readonly { readonly name: string; readonly item: Opened }[] = [
    ...synthetic.map((model) => ({ name: `synthetic ${model}`, item: { model } })),
    ...folders.map((dtype) => ({ name: `a folder of 1.5B, ${dtype}`, item: { dtype } })),
  ];
  return eachItem(run, items, async (item, name): Promise<OpenResult> => {
    if (item.model !== undefined) return { what: name, ...(await twice(run, `synthetic:${item.model}`, {})) };
    const folder = await mkdtemp(join(tmpdir(), 'judge-gpu-open-'));
    try {
      await makeFolder(folder, run.quick);
      const cacheFolder = join(folder, 'cache');
      return { what: name, ...(await twice(run, folder, { dtype: item.dtype, cacheFolder })) };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
};

async function twice(run: Run, location: string, options: CudaOptions) {
  const seconds: number[] = [];
  let weights = 0;
  for (let time = 0; time < 2; time++) {
    const from = performance.now();
    await withModel(run, location, { contextLength: 2048, ...options }, async (model) => {
      await (await model.openSession()).forward([1, 2], { argmax: true });
      seconds.push((performance.now() - from) / 1000);
      weights = model.memory.weights;
    });
  }
  return { gigabytes: weights / 1e9, seconds: seconds[0]!, again: seconds[1]! };
}

/** A folder with a small tokenizer and tensors of the right sizes; their numbers repeat, which no part of opening looks at. */
async function makeFolder(folder: string, quick: boolean): Promise<void> {
  await makeTinyCheckpoint(folder, { ...SMALL, dtype: 'bf16', tiedEmbeddings: true });
  if (quick) return;
  const path = join(folder, 'config.json');
  const config = JSON.parse(await readFile(path, 'utf8')) as object;
  await writeFile(path, JSON.stringify({ ...config, ...FULL }));
  await writeTensors(join(folder, 'model.safetensors'), expectedTensors(parseSynthetic(SHAPE).config));
}

async function writeTensors(path: string, tensors: ReturnType<typeof expectedTensors>): Promise<void> {
  const header: Record<string, object> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const { name, shape } of tensors) {
    const begin = end;
    end += 2 * shape.reduce((product, size) => product * size, 1);
    header[name] = { dtype: 'BF16', shape, data_offsets: [begin, end] };
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(text.length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const file = await openFile(path, 'w');
  try {
    await file.write(Buffer.concat([length, head]));
    const part = block();
    for (let left = end; left > 0; left -= part.length) {
      await file.write(left < part.length ? part.subarray(0, left) : part);
    }
  } finally {
    await file.close();
  }
}

/** A megabyte of bf16 numbers around nought. */
function block(): Buffer {
  const uniform = uniforms(1);
  const values = Float32Array.from({ length: 1 << 19 }, () => 0.04 * (uniform() - 0.5));
  return Buffer.from(narrow(values, 'BF16'));
}
