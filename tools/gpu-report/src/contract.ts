import { mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClauseResult, checkBackend, clauses, toleranceFor } from '@judge-decoding/backend-contract';
import { type CudaDtype, cudaBackend, devicesOf, divides } from '@judge-decoding/backend-cuda';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import {
  makeTinyCheckpoint,
  makeTinyGguf,
  type TinyCheckpointOptions,
} from '@judge-decoding/checkpoint/testing';
import { JudgeDecodingError } from '@judge-decoding/core';
import { goldenOf } from './golden.ts';
import { eachItem, type Part, type Run } from './run.ts';

interface Case {
  readonly model: TinyCheckpointOptions;
  readonly dtype: CudaDtype;
  readonly gguf?: 'F32' | 'F16' | 'Q8_0' | 'Q4_0';
  readonly prefill?: 'fast';
}

const GROUPS: TinyCheckpointOptions = { hiddenSize: 64, attentionHeads: 8, keyValueHeads: 2 };
const ALL_BIASES: TinyCheckpointOptions = {
  tiedEmbeddings: true,
  attentionBias: true,
  keyValueHeads: 1,
  layers: 1,
};
/** Widths that neither tiles nor groups of 128 divide. */
const ODD: TinyCheckpointOptions = {
  hiddenSize: 200,
  headDim: 40,
  attentionHeads: 6,
  keyValueHeads: 3,
  intermediateSize: 328,
};
const WIDE: TinyCheckpointOptions = { hiddenSize: 256, headDim: 128, attentionHeads: 4, keyValueHeads: 1 };

/** As stories260K: feed-forward columns that eight does not divide, heads of eight. */
const UNEVEN: TinyCheckpointOptions = {
  hiddenSize: 64,
  headDim: 8,
  attentionHeads: 8,
  keyValueHeads: 4,
  intermediateSize: 172,
};

/** Every dtype on every kind of shape. */
const CASES: Readonly<Record<string, Case>> = {
  'bf16, heads in groups': { model: { ...GROUPS, dtype: 'bf16' }, dtype: 'bf16' },
  'bf16, tied, biases': { model: { ...ALL_BIASES, dtype: 'bf16' }, dtype: 'bf16' },
  'bf16, odd widths': { model: { ...ODD, dtype: 'bf16' }, dtype: 'bf16' },
  'bf16, heads of 128, llama3 scaling': {
    model: {
      ...WIDE,
      dtype: 'bf16',
      ropeScaling: {
        type: 'llama3',
        factor: 8,
        lowFrequencyFactor: 1,
        highFrequencyFactor: 4,
        originalContextLength: 64,
      },
    },
    dtype: 'bf16',
  },
  'bf16, uneven feed-forward': { model: { ...UNEVEN, dtype: 'bf16' }, dtype: 'bf16' },
  'int4, uneven feed-forward': { model: { ...UNEVEN, dtype: 'bf16' }, dtype: 'int4' },
  'bf16 of a float32 folder': { model: GROUPS, dtype: 'bf16' },
  'int8 of a float16 folder': { model: { ...GROUPS, dtype: 'fp16' }, dtype: 'int8' },
  'int8, tied, biases': { model: { ...ALL_BIASES, dtype: 'bf16' }, dtype: 'int8' },
  'int8, odd widths': { model: { ...ODD, dtype: 'bf16' }, dtype: 'int8' },
  'int8 of a Q8_0 file': { model: GROUPS, dtype: 'int8', gguf: 'Q8_0' },
  'fp16, odd widths': { model: { ...ODD, dtype: 'fp16' }, dtype: 'fp16' },
  'fp16, tied, biases': { model: { ...ALL_BIASES, dtype: 'fp16' }, dtype: 'auto' },
  'q8_0 of a Q8_0 file': { model: GROUPS, dtype: 'auto', gguf: 'Q8_0' },
  'q8_0 of a Q8_0 file, tied': { model: { ...GROUPS, tiedEmbeddings: true }, dtype: 'auto', gguf: 'Q8_0' },
  'q8_0 of float32, odd widths': { model: ODD, dtype: 'q8_0' },
  'q4_0 of a Q4_0 file': { model: WIDE, dtype: 'auto', gguf: 'Q4_0' },
  'q4_0 of float32, odd widths': { model: ODD, dtype: 'q4_0' },
  'int4, odd widths': { model: { ...ODD, dtype: 'bf16' }, dtype: 'int4' },
  'int4, heads of 128': { model: { ...WIDE, dtype: 'bf16' }, dtype: 'int4' },
  'fp8, odd widths': { model: { ...ODD, dtype: 'bf16' }, dtype: 'fp8' },
  'fp8, tied, biases': { model: { ...ALL_BIASES, dtype: 'bf16' }, dtype: 'fp8' },
  // with room for parts of 256 tokens, which are read fast: of the contract's texts, the one that fills a session
  'bf16, prompts read fast': {
    model: { ...GROUPS, dtype: 'bf16', contextLength: 700 },
    dtype: 'bf16',
    prefill: 'fast',
  },
  // what draws and cuts goes another way through so many
  'bf16, 128,256 tokens': { model: { ...GROUPS, dtype: 'bf16', vocabSize: 128_256 }, dtype: 'bf16' },
};

/** Names of the models that divide by so many ranks. Prompts are read fast on one GPU only. */
export async function contractModels(ranks: number): Promise<readonly string[]> {
  const root = await mkdtemp(join(tmpdir(), 'judge-gpu-models-'));
  try {
    const names: string[] = [];
    for (const [name, { model, prefill }] of Object.entries(CASES)) {
      // whatever its vocabulary, which is divided by rows
      const small = { ...model, vocabSize: 512 };
      const { folder } = await makeTinyCheckpoint(join(root, name.replaceAll(/\W+/g, '-')), small);
      const { config, dispose } = await openCheckpoint(folder);
      await dispose();
      const { attentionHeads: heads, keyValueHeads: kvHeads, intermediateSize: feedForward } = config;
      const isServed = prefill === undefined || ranks === 1;
      if (isServed && divides({ heads, kvHeads, feedForward }, ranks)) names.push(name);
    }
    return names;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** The contract on one model: all of it, or the clauses that the item's name says. */
export interface ContractResult {
  /** Where it ran, if not on `cuda:0`. */
  readonly device?: string;
  /** Why nothing was looked at: over several GPUs, a model whose heads or columns do not divide by them. */
  readonly refused?: string;
  readonly kept: number;
  readonly broken: readonly Pick<ClauseResult, 'id' | 'detail'>[];
  readonly notDeclared: readonly Pick<ClauseResult, 'id' | 'detail'>[];
  readonly excusedFlips: number;
}

export const contract: Part = async (run) => {
  const root = await mkdtemp(join(tmpdir(), 'judge-gpu-contract-'));
  try {
    // what was asked less of is not taken for the whole
    const less = [...(run.clauses === '' ? [] : [run.clauses]), ...(run.slow ? ['fewer cases'] : [])].join(
      ', ',
    );
    const all = Object.entries(CASES).map(([model, item]) => ({
      name: less === '' ? model : `${model}: ${less}`,
      item,
    }));
    await eachItem(run, run.quick ? all.slice(0, 3) : all, (one, name) =>
      checkCase(run, one, join(root, name.replaceAll(/\W+/g, '-'))),
    );
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

async function checkCase(
  { engine, device, clauses: asked, slow, say }: Run,
  { model, dtype, gguf, prefill }: Case,
  folder: string,
): Promise<ContractResult> {
  await makeTinyCheckpoint(folder, model);
  const malformed = `${folder}-cut`;
  await makeTinyCheckpoint(malformed, model);
  await truncate(join(malformed, 'model.safetensors'), 5000);
  const location = gguf === undefined ? folder : `${folder}.gguf`;
  if (gguf !== undefined) await makeTinyGguf(folder, location, { type: gguf });
  const backend = cudaBackend({
    ...{ engine, device, dtype },
    ...(prefill === undefined ? { prefillChunk: 64 } : { prefill, prefillChunk: 512 }),
  });
  const where = device === 'cuda:0' ? {} : { device };
  const held = await backend.open(location).then(
    async (opened) => {
      await opened.dispose();
      return opened.info.dtype;
    },
    (error: unknown) => {
      if (devicesOf(device).length > 1 && JudgeDecodingError.is(error, 'unsupported')) return error;
      throw error;
    },
  );
  if (typeof held !== 'string') {
    return { ...where, refused: held.message, kept: 0, broken: [], notDeclared: [], excusedFlips: 0 };
  }
  const results = await checkBackend(
    {
      backend,
      location,
      device,
      // exact passes: float32's strictness between them; golden values have the model's rounding
      tolerance: {
        ...toleranceFor(prefill === undefined ? 'fp32' : 'bf16'),
        golden: toleranceFor('bf16').golden,
      },
      exempt: {},
      malformed: [malformed],
      golden: await goldenOf(location, held),
      slow,
      memoryInUse: async () => {
        const all = await Promise.all([...new Set(devicesOf(device))].map((index) => engine.device(index)));
        return all.reduce((sum, { memoryTotal, memoryFree }) => sum + memoryTotal - memoryFree, 0);
      },
    },
    {
      clauses: clauses.filter(({ id }) => id.includes(asked)),
      onResult: ({ id, outcome, detail }) => {
        if (outcome === 'broken') say(`  broken: ${id}: ${detail}`);
        else if (slow) say(`  ${outcome}: ${id}`);
      },
    },
  );
  const of = (outcome: ClauseResult['outcome']) =>
    results.filter((result) => result.outcome === outcome).map(({ id, detail }) => ({ id, detail }));
  return {
    ...where,
    kept: of('kept').length,
    broken: of('broken'),
    notDeclared: of('not-declared'),
    excusedFlips: results.reduce((sum, { excusedFlips }) => sum + excusedFlips.length, 0),
  };
}
