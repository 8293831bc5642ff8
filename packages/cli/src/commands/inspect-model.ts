import { readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Checkpoint, openCheckpoint, type TensorInfo } from '@judge-decoding/checkpoint';
import { checkHead, JudgeDecodingError, type ModelInfo } from '@judge-decoding/core';
import { defaultCacheFolder } from '@judge-decoding/onnx/cache';
import { EXIT } from '../exit-code.ts';
import type { Backends } from '../pair/backends.ts';
import { readHeadFile } from '../pair/read-head-file.ts';
import { factLines } from '../render/fact-lines.ts';
import { type Paint, paintFor } from '../render/paint.ts';
import { table } from '../render/table.ts';
import type { World } from '../world.ts';

export interface InspectModelFlags {
  readonly head?: readonly string[];
  readonly json?: boolean;
  readonly color: boolean;
}

/** Bytes an element of a matrix takes: int8 and int4 have a float32 scale for each 32 of them. */
const MATRIX_BYTES: Readonly<Record<string, number>> = {
  fp32: 4,
  fp16: 2,
  int8: 1 + 4 / 32,
  int4: 0.5 + 4 / 32,
};

/** What a model is and what it would take to run it; opens its files, runs nothing. */
export async function inspectModel(
  location: string,
  { head: named, json = false, color }: InspectModelFlags,
  { terminal, backends }: World,
): Promise<number> {
  const { out, env } = terminal;
  const checkpoint = await openCheckpoint(location, { cacheFolder: defaultCacheFolder(env) });
  const heads = named ?? (await headsBeside(location));
  try {
    const facts = {
      ...describe(checkpoint),
      backends: Object.entries(backends).map(([name, { dtypes }]) => ({ name, dtypes })),
      heads: await fits(checkpoint, heads, backends),
    };
    if (json) out.write(`${JSON.stringify(facts, null, 2)}\n`);
    else {
      const paint = paintFor(out, env, { color });
      const shown = [...factLines(lines(facts), paint, out.columns), '', ...shapeTable(facts.shapes, paint)];
      out.write(`${shown.join('\n')}\n`);
    }
    return EXIT.ok;
  } finally {
    await checkpoint.dispose();
  }
}

function describe({ name, location, config, generation, tokenizer, tensors }: Checkpoint) {
  const all = tensors.list();
  const { layers, keyValueHeads, headDim } = config;
  return {
    name,
    location,
    config,
    parameters: elements(all),
    storedBytes: all.reduce((sum, { byteLength }) => sum + byteLength, 0),
    storedTypes: countTypes(all),
    memoryByDtype: Object.fromEntries(
      Object.entries(MATRIX_BYTES).map(([dtype, bytes]) => [
        dtype,
        Math.round(
          bytes * elements(all.filter(({ shape }) => shape.length > 1)) +
            4 * elements(all.filter(({ shape }) => shape.length < 2)),
        ),
      ]),
    ),
    /** A key and a value, float32, in every layer. */
    kvBytesPerToken: 2 * layers * keyValueHeads * headDim * 4,
    chatTemplate: tokenizer.hasChatTemplate,
    ...(tokenizer.hasChatTemplate ? { chatExample: chatExample(tokenizer) } : {}),
    shapes: shapesOf(all),
    endTokens: generation.endTokens.map((id) => ({ id, text: tokenizer.vocabulary(id) })),
  };
}

type Described = ReturnType<typeof describe> & {
  readonly backends: readonly { readonly name: string; readonly dtypes: readonly string[] }[];
  readonly heads: readonly HeadFit[];
};

function lines(facts: Described): readonly (readonly [string, string])[] {
  const { config } = facts;
  const biased = Object.entries(config.attentionBias).filter(([, has]) => has);
  const scaling = config.rope.scaling === null ? '' : `, scaled (${config.rope.scaling.type})`;
  return [
    ['model', `${facts.name}, ${millions(facts.parameters)} parameters`],
    ['architecture', `${config.architecture}${biased.length > 0 ? ', with biases as in Qwen2' : ''}`],
    ['layers', `${config.layers}, hidden size ${config.hiddenSize}, feed-forward ${config.intermediateSize}`],
    [
      'attention',
      `${config.attentionHeads} heads of ${config.headDim} over ${config.keyValueHeads} key-value heads` +
        (biased.length > 0 ? `, biases on ${biased.map(([part]) => part).join(', ')}` : ''),
    ],
    ['positions', `${config.contextLength} tokens, rotary base ${config.rope.theta}${scaling}`],
    [
      'vocabulary',
      `${config.tokenCount} tokens${padding(config)}, ${config.tiedEmbeddings ? 'tied' : 'untied'} embeddings`,
    ],
    [
      'ends with',
      facts.endTokens.map(({ id, text }) => `${text ?? '?'} (${id})`).join(', ') || 'nothing of its own',
    ],
    ['chat template', facts.chatExample ?? 'none: the prompt is taken as it is'],
    [
      'stored as',
      `${Object.entries(facts.storedTypes)
        .map(([type, count]) => `${count} ${type}`)
        .join(', ')}; ${megabytes(facts.storedBytes)}`,
    ],
    [
      'memory',
      `${list(Object.entries(facts.memoryByDtype).map(([dtype, bytes]) => `${dtype} ${megabytes(bytes)}`))} (weights, about)`,
    ],
    [
      'cache',
      `${(facts.kvBytesPerToken / 1024).toFixed(1)} KiB a token, ${megabytes(facts.kvBytesPerToken * Math.min(4096, config.contextLength))} at ${Math.min(4096, config.contextLength)} tokens`,
    ],
    ['runs on', facts.backends.map(({ name, dtypes }) => `${name} (${dtypes.join(', ')})`).join('; ')],
    ...facts.heads.map(({ file, fits: does, says }): readonly [string, string] => [
      'head',
      `${file}: ${does ? 'fits' : 'does not fit'}${says === '' ? '' : `. ${says}`}`,
    ]),
    ...(facts.heads.length === 0 ? [['head', 'none beside it: name some with --head FILE'] as const] : []),
  ];
}

interface HeadFit {
  readonly file: string;
  readonly fits: boolean;
  readonly says: string;
}

/** Other weights (another dtype, say) are said, not refused: nothing runs here. */
async function fits(
  checkpoint: Checkpoint,
  files: readonly string[],
  backends: Backends,
): Promise<readonly HeadFit[]> {
  if (files.length === 0) return [];
  const { name, config } = checkpoint;
  const fingerprint = await checkpoint.fingerprint();
  const model = {
    name,
    hiddenSize: config.hiddenSize,
    dtype: 'fp32',
    fingerprint,
  } satisfies Partial<ModelInfo>;
  const found: HeadFit[] = [];
  for (const file of files) {
    const head = await readHeadFile(file);
    try {
      const notices = checkHead(head, model as ModelInfo, { allowOtherWeights: true });
      const on = Object.entries(backends).flatMap(([backend, { states }]) =>
        head.terms.every(({ state }) => states.includes(state)) ? [backend] : [],
      );
      const reads = [...new Set(head.terms.map(({ state }) => state))].join(' and ');
      const says = [`Reads ${reads}, scored by ${on.join(', ') || 'no backend here'}.`, ...notices];
      found.push({ file, fits: true, says: says.join(' ') });
    } catch (error) {
      if (!JudgeDecodingError.is(error, 'mismatch')) throw error;
      found.push({ file, fits: false, says: error.message });
    }
  }
  return found;
}

/** Heads that lie where a pair keeps them: in a folder `heads` within the model's or beside it. */
async function headsBeside(location: string): Promise<readonly string[]> {
  const folders = [join(location, 'heads'), join(dirname(resolve(location)), 'heads')];
  const found = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(folder).catch(() => []))
        .filter((name) => name.endsWith('.safetensors'))
        .sort()
        .map((name) => join(folder, name)),
    ),
  );
  return found.flat();
}

interface Shape {
  /** With `*` for the layer's number. */
  readonly name: string;
  readonly shape: readonly number[];
  /** How many of each type. */
  readonly types: Readonly<Record<string, number>>;
}

/** What all layers have in common is one line. */
function shapesOf(tensors: readonly TensorInfo[]): readonly Shape[] {
  const kinds = new Map<string, TensorInfo[]>();
  for (const tensor of tensors) {
    const name = tensor.name.replace(/\.\d+\./, '.*.');
    const key = `${name} ${tensor.shape.join()}`;
    kinds.set(key, [...(kinds.get(key) ?? []), tensor]);
  }
  return [...kinds].map(([key, same]) => ({
    name: key.slice(0, key.indexOf(' ')),
    shape: same[0]!.shape,
    types: countTypes(same),
  }));
}

function shapeTable(shapes: readonly Shape[], paint: Paint): readonly string[] {
  const columns = [
    { title: 'tensors', align: 'left' },
    { title: 'shape', align: 'right' },
    { title: 'stored as', align: 'left' },
  ] as const;
  const rows = shapes.map(({ name, shape, types }) => [
    name.replace(/^model\./, ''),
    shape.join(' × '),
    Object.entries(types)
      .map(([type, count]) => (count === 1 ? type : `${count} ${type}`))
      .join(', '),
  ]);
  return table(columns, rows, paint);
}

const MOST_TEMPLATE = 300;

/** What the template makes of a question, on one line. */
function chatExample(tokenizer: Checkpoint['tokenizer']): string {
  const written = tokenizer.renderChat([{ role: 'user', content: '…' }]).replaceAll('\n', '⏎');
  return written.length > MOST_TEMPLATE ? `${written.slice(0, MOST_TEMPLATE)} …` : written;
}

const elements = (tensors: readonly TensorInfo[]): number =>
  tensors.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);

function countTypes(tensors: readonly TensorInfo[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { type } of tensors) counts[type] = (counts[type] ?? 0) + 1;
  return counts;
}

const padding = ({ vocabSize, tokenCount }: Checkpoint['config']): string =>
  vocabSize > tokenCount ? ` and ${vocabSize - tokenCount} rows of padding` : '';
const list = (parts: readonly string[]): string => parts.join(', ');
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
const millions = (count: number): string =>
  count >= 1e9 ? `${(count / 1e9).toFixed(2)} G` : `${(count / 1e6).toFixed(2)} M`;
