import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cudaBackend, type HeldAs } from '@judge-decoding/backend-cuda';
import { type OpenTensors, openSafetensors } from '@judge-decoding/checkpoint';
import type { TinyCheckpointOptions } from '@judge-decoding/checkpoint/testing';
import type { Session, TokenId } from '@judge-decoding/core';
import { type Family, makeFamilyFolder, makeHeldFolder } from './family-folders.ts';
import { sameBits, textOf, uniforms } from './numbers.ts';
import { runPython } from './python.ts';
import { eachItem, type Part, type Run } from './run.ts';

/**
 * Against transformers on the same machine and weights. The reference is its float32 on the weights as the
 * engine holds them; beside it stands how far its own bfloat16 is from its float32.
 */
interface Case {
  readonly family: Family;
  readonly model: TinyCheckpointOptions;
  readonly dtypes: readonly HeldAs[];
}

const LONG = { contextLength: 33_000, vocabSize: 1024, layers: 4 } as const;
const LLAMA3 = {
  type: 'llama3',
  factor: 8,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalContextLength: 8192,
} as const;

const CASES: Readonly<Record<string, Case>> = {
  'llama, heads of 64 in groups of 4': {
    family: 'llama',
    model: { ...LONG, hiddenSize: 512, intermediateSize: 1536, attentionHeads: 8, keyValueHeads: 2 },
    dtypes: ['bf16', 'int8', 'fp8', 'int4'],
  },
  'llama, heads of 128, llama3 scaling': {
    family: 'llama',
    model: {
      ...LONG,
      ...{ hiddenSize: 1024, intermediateSize: 2816, attentionHeads: 8, keyValueHeads: 8 },
      ...{ ropeTheta: 5e5, ropeScaling: LLAMA3, seed: 2 },
    },
    dtypes: ['bf16', 'int8'],
  },
  'llama, tied, heads of 80, linear scaling': {
    family: 'llama',
    model: {
      ...LONG,
      ...{ hiddenSize: 640, intermediateSize: 1000, attentionHeads: 8, keyValueHeads: 4, headDim: 80 },
      ...{ tiedEmbeddings: true, ropeScaling: { type: 'linear', factor: 4 }, seed: 3 },
    },
    dtypes: ['bf16', 'int4'],
  },
  mistral: {
    family: 'mistral',
    model: {
      ...LONG,
      ...{ hiddenSize: 512, intermediateSize: 1792, attentionHeads: 4, keyValueHeads: 1, headDim: 128 },
      ...{ ropeTheta: 1e6, seed: 4 },
    },
    dtypes: ['bf16'],
  },
  'qwen2, biases, tied': {
    family: 'qwen2',
    model: {
      ...LONG,
      ...{ hiddenSize: 448, intermediateSize: 2432, attentionHeads: 7, keyValueHeads: 1 },
      ...{ tiedEmbeddings: true, ropeTheta: 1e6, seed: 5 },
    },
    dtypes: ['bf16', 'int8'],
  },
  'qwen3, norms of queries and keys': {
    family: 'qwen3',
    model: {
      ...LONG,
      ...{ hiddenSize: 512, intermediateSize: 1536, attentionHeads: 8, keyValueHeads: 4, headDim: 128 },
      ...{ ropeTheta: 1e6, seed: 6 },
    },
    dtypes: ['bf16', 'int8'],
  },
};

const QUICK: Readonly<Record<string, Case>> = Object.fromEntries(
  Object.entries(CASES).map(([name, { family, model, dtypes }]) => {
    const heads = { attentionHeads: 4, keyValueHeads: 2, headDim: 16 };
    const small = { ...model, ...heads, hiddenSize: 64, intermediateSize: 96, layers: 2, contextLength: 700 };
    return [name, { family, model: small, dtypes: dtypes.slice(0, 2) }];
  }),
);

const WIDTHS = [1, 2, 7, 16, 26, 64] as const;
/** Rows compared of each text. */
const ROWS = 64;
/** A gap between the two likeliest tokens that is a near tie, in standard deviations of the row. */
const NEAR_TIE = 2e-2;
const STATES = ['logits', 'pre_norm', 'post_norm'] as const;

/** Relative L2 distances to transformers' float32. */
export type Distances = Readonly<Record<(typeof STATES)[number], number>>;

export interface TransformersResult {
  readonly family: Family;
  readonly dtype: HeldAs;
  readonly versions: string;
  readonly contexts: readonly {
    readonly context: number;
    readonly ours: Distances;
    /** Of transformers' own bfloat16 on the same weights, as far as bfloat16 holds them. */
    readonly theirs: Distances;
    readonly rows: number;
    /** Rows whose likeliest token is another one; how many of them at a near tie. */
    readonly favouritesDiffer: number;
    readonly nearTies: number;
    /** Rows that were not the same bits in passes of another width; must be none. */
    readonly widthsDiffer: number;
  }[];
}

export const transformers: Part = async (run) => {
  const cases = Object.entries(run.quick ? QUICK : CASES);
  const contexts = run.quick ? [1, 500] : [1, 500, 4096, 32_768];
  for (const [name, one] of cases) {
    const items = one.dtypes
      .map((dtype) => ({ name: `${name}, ${dtype}`, item: dtype }))
      .filter((item) => run.asks(item.name));
    if (items.length === 0) continue;
    if (items.every((item) => run.store.has(item.name)) || performance.now() > run.deadline) {
      run.say(`${name}: ${performance.now() > run.deadline ? 'left for another run' : 'done before'}`);
      continue;
    }
    const root = await mkdtemp(join(tmpdir(), 'judge-transformers-'));
    try {
      const prepared = await prepare(run, root, one, contexts);
      await eachItem(run, items, (dtype) => compare(run, root, one, dtype, prepared));
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  }
};

interface Prepared {
  readonly folder: string;
  readonly versions: string;
  readonly texts: ReadonlyMap<number, readonly TokenId[]>;
}

/** Makes the model and has transformers read the texts, in every type at once: it takes long to start. */
async function prepare(
  { say }: Run,
  root: string,
  { family, model, dtypes }: Case,
  contexts: readonly number[],
): Promise<Prepared> {
  const folder = join(root, 'model');
  await makeFamilyFolder(folder, family, model);
  const uniform = uniforms(model.seed ?? 1);
  // ids of ordinary tokens: the tiny tokenizer has at least 256
  const texts = new Map(contexts.map((context) => [context, textOf(uniform, context + ROWS, 256)]));
  const given = Object.fromEntries([...texts].map(([context, ids]) => [String(context), ids]));
  const jobs: object[] = [];
  for (const dtype of dtypes) {
    const held = dtype === 'bf16' ? folder : join(root, dtype);
    if (dtype !== 'bf16') await makeHeldFolder(folder, held, dtype);
    for (const type of ['float32', 'bfloat16'] as const) {
      jobs.push({ folder: held, type, texts: given, last: ROWS, out: answers(root, dtype, type) });
    }
  }
  const list = join(root, 'jobs.json');
  await writeFile(list, JSON.stringify(jobs));
  const lines = runPython('transformers_reference.py', [list]).trim().split('\n');
  say(`  ${lines.at(-1)}`);
  return { folder, texts, versions: lines.at(-1) ?? '' };
}

const answers = (root: string, dtype: HeldAs, type: 'float32' | 'bfloat16') =>
  join(root, `${dtype}-${type}.safetensors`);

async function compare(
  { engine, device }: Run,
  root: string,
  { family }: Case,
  dtype: HeldAs,
  { folder, texts, versions }: Prepared,
): Promise<TransformersResult> {
  const model = await cudaBackend({ engine, device, dtype }).open(folder, { contextLength: longest(texts) });
  const reference = await openSafetensors(answers(root, dtype, 'float32'));
  const theirs = await openSafetensors(answers(root, dtype, 'bfloat16'));
  try {
    const { vocabSize, prefillChunk } = model.info;
    const session = await model.openSession();
    const contexts: TransformersResult['contexts'][number][] = [];
    for (const [context, ids] of texts) {
      session.truncate(0);
      for (let at = 0; at < context; at += prefillChunk)
        await session.forward(ids.slice(at, Math.min(context, at + prefillChunk)), {});
      const { ours, differ } = await rowsOf(session, ids, context);
      const expected = await partsOf(reference, context, vocabSize);
      const bfloat = await partsOf(theirs, context, vocabSize);
      contexts.push({
        context,
        ours: distances(ours, expected),
        theirs: distances(bfloat, expected),
        rows: ROWS,
        ...favourites(ours.logits, expected.logits, vocabSize),
        widthsDiffer: differ,
      });
    }
    return { family, dtype, versions, contexts };
  } finally {
    await Promise.all([model.dispose(), reference.dispose(), theirs.dispose()]);
  }
}

const longest = (texts: Prepared['texts']): number =>
  Math.max(...[...texts.values()].map(({ length }) => length)) + ROWS;

type Parts = Readonly<Record<(typeof STATES)[number], Float32Array>>;

/** The last rows, at every width, after roll backs; those of the first width, and how many others differ. */
async function rowsOf(
  session: Session,
  ids: readonly TokenId[],
  context: number,
): Promise<{ readonly ours: Parts; readonly differ: number }> {
  const tokens = ids.slice(context);
  const uniform = uniforms(context);
  let ours: Parts | undefined;
  let differ = 0;
  for (const width of WIDTHS) {
    // something else was there before, of another length each time
    await session.forward(textOf(uniform, 1 + Math.floor(uniform() * ROWS), 256), {});
    session.truncate(context);
    const parts: Parts[] = [];
    for (let at = 0; at < tokens.length; at += width) {
      const part = tokens.slice(at, at + width);
      const { logits, hidden } = await session.forward(part, {
        logits: true,
        hidden: ['pre-norm', 'post-norm'],
      });
      parts.push({ logits, pre_norm: hidden[0]!, post_norm: hidden[1]! });
    }
    session.truncate(context);
    const joined = Object.fromEntries(
      STATES.map((state) => [state, joinedOf(parts.map((part) => part[state]))]),
    ) as Parts;
    if (ours === undefined) ours = joined;
    else differ += rowsThatDiffer(ours, joined, tokens.length);
  }
  return { ours: ours!, differ };
}

function rowsThatDiffer(a: Parts, b: Parts, rows: number): number {
  let differ = 0;
  for (let row = 0; row < rows; row++) {
    const same = STATES.every((state) => sameBits(a[state], row, b[state], row, a[state].length / rows));
    if (!same) differ++;
  }
  return differ;
}

function joinedOf(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Rows of the reference go on with padding behind the real tokens. */
async function partsOf(file: OpenTensors, context: number, vocabSize: number): Promise<Parts> {
  const padded = await file.read(`${context}.logits`);
  const width = padded.length / ROWS;
  const logits = new Float32Array(ROWS * vocabSize);
  for (let row = 0; row < ROWS; row++)
    logits.set(padded.subarray(row * width, row * width + vocabSize), row * vocabSize);
  return {
    logits,
    pre_norm: await file.read(`${context}.pre_norm`),
    post_norm: await file.read(`${context}.post_norm`),
  };
}

const distances = (of: Parts, to: Parts): Distances =>
  Object.fromEntries(STATES.map((state) => [state, distance(of[state], to[state])])) as Distances;

function distance(a: Float32Array, b: Float32Array): number {
  let [apart, length] = [0, 0];
  for (const [index, value] of b.entries()) {
    apart += (a[index]! - value) ** 2;
    length += value * value;
  }
  return Math.sqrt(apart / length);
}

function favourites(ours: Float32Array, reference: Float32Array, vocabSize: number) {
  let [favouritesDiffer, nearTies] = [0, 0];
  for (let row = 0; row < ROWS; row++) {
    const part = (all: Float32Array) => all.subarray(row * vocabSize, (row + 1) * vocabSize);
    const [mine, right] = [part(ours), part(reference)];
    const [picked, best] = [largest(mine), largest(right)];
    if (picked === best) continue;
    favouritesDiffer++;
    if ((right[best]! - right[picked]!) / deviation(right) < NEAR_TIE) nearTies++;
  }
  return { favouritesDiffer, nearTies };
}

const largest = (row: Float32Array): number =>
  row.reduce((best, value, id) => (value > row[best]! ? id : best), 0);

function deviation(row: Float32Array): number {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  return Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length);
}
