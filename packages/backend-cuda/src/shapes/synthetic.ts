import type { ModelConfig } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';
import { CUDA_DTYPES, type CudaDtype } from '../weights/held-as.ts';
import { configOf, NAMED_SHAPES, namedShape, type Published } from './named-shapes.ts';

/** A model of random weights: for speed, and for tests without files. */
export interface SyntheticModel {
  /** As it was written. */
  readonly name: string;
  readonly config: ModelConfig;
  readonly dtype: CudaDtype;
  readonly seed: number;
}

/** What marks a location as no file. */
export const SYNTHETIC = 'synthetic:';

/** Shape of `random:` where nothing else is said. */
const RANDOM: Published = {
  family: 'llama',
  hidden: 256,
  layers: 2,
  heads: 4,
  kvHeads: 2,
  headDim: 64,
  feedForward: 512,
  rows: 1024,
  tokens: 1000,
  context: 4096,
  theta: 1e4,
  epsilon: 1e-5,
  tied: false,
  qkvBias: false,
  qkNorm: false,
  factor: undefined,
};

/** Fields of `random:` and the least and most they may be. */
const FIELDS: Readonly<Record<string, readonly [keyof Published | 'seed', least: number, most: number]>> = {
  hidden: ['hidden', 64, 65_536],
  layers: ['layers', 1, 1024],
  heads: ['heads', 1, 1024],
  kv: ['kvHeads', 1, 1024],
  headDim: ['headDim', 2, 512],
  ff: ['feedForward', 1, 1 << 20],
  rows: ['rows', 2, 1 << 22],
  tokens: ['tokens', 2, 1 << 22],
  context: ['context', 2, 1 << 24],
  tied: ['tied', 0, 1],
  bias: ['qkvBias', 0, 1],
  qkNorm: ['qkNorm', 0, 1],
  seed: ['seed', 0, 2 ** 31],
};

/**
 * `llama-3.1-8b`, `llama-3.1-8b:int8`, or `random:hidden=512,layers=4:int4`; with or without the
 * word `synthetic:` before it.
 */
export function parseSynthetic(text: string): SyntheticModel {
  const written = text.startsWith(SYNTHETIC) ? text.slice(SYNTHETIC.length) : text;
  const parts = written.split(':');
  const random = parts[0] === 'random';
  const [shape = '', ...rest] = random ? [parts.slice(0, 2).join(':'), ...parts.slice(2)] : parts;
  const dtype = rest[0] === undefined ? 'auto' : CUDA_DTYPES.find((name) => name === rest[0]);
  if (dtype === undefined || rest.length > 1) {
    throw bad(written, `its type to be one of ${CUDA_DTYPES.join(', ')}`, rest.join(':'));
  }
  if (random) return { name: written, dtype, ...parseRandom(shape.slice('random:'.length), written) };
  const config = namedShape(shape);
  if (config === undefined) throw bad(written, `one of ${NAMED_SHAPES.join(', ')}, random:…`, shape);
  return { name: written, config, dtype, seed: 1 };
}

function parseRandom(fields: string, written: string): { config: ModelConfig; seed: number } {
  const given: Record<string, number | boolean> = {};
  for (const field of fields.split(',').filter(Boolean)) {
    const [key = '', value = ''] = field.split('=');
    const known = Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined;
    if (known === undefined) throw bad(written, `fields among ${Object.keys(FIELDS).join(', ')}`, key);
    const [name, least, most] = known;
    const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
    if (!(number >= least && number <= most)) {
      throw bad(written, `${key} to be a whole number from ${least} to ${most}`, value);
    }
    given[name] = typeof RANDOM[name as keyof Published] === 'boolean' ? number === 1 : number;
  }
  const { seed = 1, ...shape } = given;
  const config = configOf({ ...RANDOM, ...shape, ...tokensWithin(shape) } as Published);
  if (config.attentionHeads % config.keyValueHeads !== 0) {
    throw bad(written, 'kv to divide heads', `${config.keyValueHeads} and ${config.attentionHeads}`);
  }
  if (config.headDim % 2 !== 0) throw bad(written, 'headDim to be even', String(config.headDim));
  if (config.tokenCount > config.vocabSize) {
    throw bad(written, `at most as many tokens as rows`, `${config.tokenCount} of ${config.vocabSize}`);
  }
  return { config, seed: Number(seed) };
}

/** Where only one of rows and tokens is given, the other follows. */
function tokensWithin({ rows, tokens }: Readonly<Record<string, number | boolean>>): Partial<Published> {
  if (rows !== undefined && tokens === undefined) return { tokens: Number(rows) };
  if (tokens !== undefined && rows === undefined) return { rows: Math.ceil(Number(tokens) / 64) * 64 };
  return {};
}

const bad = (written: string, expected: string, got: string): JudgeDecodingError =>
  new JudgeDecodingError(
    'invalid-option',
    `Expected the synthetic model \`${written}\` to have ${expected}, got ${got === '' ? 'nothing' : got}.`,
  );
