import { JudgeDecodingError } from '@judge-decoding/core';
import { assemble, type OpenOptions } from '../assemble-checkpoint.ts';
import { type ByteFile, lastPart } from '../byte-file.ts';
import type { Checkpoint, GenerationDefaults } from '../checkpoint.ts';
import type { FileConfig } from '../llama-config.ts';
import type { Tokenizer } from '../tokenizer.ts';
import { NeedsMoreBytes } from './byte-cursor.ts';
import { readArchitecture, readGgufConfig } from './gguf-config.ts';
import { type GgufHeader, invalidGguf, MAX_GGUF_HEADER_BYTES, parseGgufHeader } from './gguf-header.ts';
import { ggufTensors, type NamedTensor } from './gguf-tensors.ts';
import { ggufTokenizer } from './gguf-tokenizer.ts';
import type { GgufValue } from './gguf-values.ts';
import { metadataFields } from './metadata-fields.ts';
import { scalingFromDivisors } from './rope-factors.ts';
import { huggingFaceName, isRotary } from './tensor-names.ts';

/** Headers with vocabularies of 150,000 tokens fit in at once. */
const FIRST_READ_BYTES = 8 * 1024 * 1024;
const ENLARGE = 4;

/** Divisors of the rotary frequencies: what llama3 scaling became. */
const ROPE_DIVISORS = 'rope_freqs.weight';

/** Opens a GGUF file: header, config, tokenizer; of the weights only where they lie. Takes the file over: closes it if it is none. */
export async function openGguf(file: ByteFile, options: OpenOptions): Promise<Checkpoint> {
  const { path } = file;
  try {
    const header = await readHeader(file);
    const { fileConfig, generation, tokenizer, tensors } = describeGguf(path, header, options.now);
    const config = await withRopeDivisors(file, fileConfig, header.tensors);
    return await assemble(
      { location: path, name: lastPart(path) },
      { fileConfig: config, generation, tokenizer, tensors: ggufTensors(file, tensors), options },
    );
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The tokenizer in a GGUF file's header; the file is closed again. */
export async function openGgufTokenizer(file: ByteFile, now: () => Date): Promise<Tokenizer> {
  try {
    const { metadata } = await readHeader(file);
    return ggufTokenizer(file.path, metadata, now).tokenizer;
  } finally {
    await file.close();
  }
}

export interface GgufDescription {
  /** Without llama3 scaling, which only a tensor tells of. */
  readonly fileConfig: FileConfig;
  readonly generation: Omit<GenerationDefaults, 'endTokens'>;
  readonly tokenizer: Tokenizer;
  readonly tensors: ReadonlyMap<string, NamedTensor>;
}

/** Everything that a header tells. */
export function describeGguf(
  path: string,
  { metadata, tensors }: Pick<GgufHeader, 'metadata' | 'tensors'>,
  now: () => Date,
): GgufDescription {
  const architecture = readArchitecture(path, metadata);
  const fileConfig = readGgufConfig(path, architecture, { metadata, tensors });
  const named = nameTensors(path, tensors, fileConfig, architecture.pairedRotary);
  const { tokenizer, beginToken } = ggufTokenizer(path, metadata, now);
  const begin = beginToken === undefined ? {} : { beginToken };
  return {
    fileConfig,
    generation: { ...begin, ...readSampling(path, metadata) },
    tokenizer,
    tensors: named,
  };
}

async function readHeader(file: ByteFile): Promise<GgufHeader> {
  const { path } = file;
  for (let size = FIRST_READ_BYTES; ; size *= ENLARGE) {
    const start = new Uint8Array(Math.min(size, file.size, MAX_GGUF_HEADER_BYTES));
    await file.read(start, 0);
    try {
      return parseGgufHeader(path, start, file.size);
    } catch (error) {
      if (!(error instanceof NeedsMoreBytes)) throw error;
      if (start.length < MAX_GGUF_HEADER_BYTES) continue;
      throw invalidGguf(path, `its header is longer than ${MAX_GGUF_HEADER_BYTES} bytes`);
    }
  }
}

function nameTensors(
  path: string,
  tensors: GgufHeader['tensors'],
  config: FileConfig,
  pairedRotary: boolean,
): Map<string, NamedTensor> {
  const named = new Map<string, NamedTensor>();
  for (const tensor of tensors.values()) {
    if (tensor.name === ROPE_DIVISORS) continue;
    const name = huggingFaceName(tensor.name, config);
    if (name === undefined) {
      throw new JudgeDecodingError(
        'unsupported',
        `\`${path}\` has a tensor \`${tensor.name.slice(0, 80)}\` that a plain decoder has no place for. Is it of another architecture?`,
      );
    }
    named.set(name, {
      ...tensor,
      name,
      pairedHeadDim: pairedRotary && isRotary(name) ? config.headDim : undefined,
    });
  }
  return named;
}

async function withRopeDivisors(
  file: ByteFile,
  config: FileConfig,
  tensors: GgufHeader['tensors'],
): Promise<FileConfig> {
  const { path } = file;
  const tensor = tensors.get(ROPE_DIVISORS);
  if (tensor === undefined) return config;
  const { headDim, rope } = config;
  const { type, shape, byteLength, position } = tensor;
  if (type !== 'F32' || shape.length !== 1 || shape[0] !== headDim / 2 || byteLength > 65536) {
    throw invalidGguf(
      path,
      `${ROPE_DIVISORS} is ${type} [${shape.join(', ')}], expected F32 [${headDim / 2}]`,
    );
  }
  const divisors = new Float32Array(headDim / 2);
  await file.read(new Uint8Array(divisors.buffer), position);
  const scaling = scalingFromDivisors(divisors, { theta: rope.theta, headDim });
  if (scaling === undefined || rope.scaling !== null) {
    throw new JudgeDecodingError(
      'unsupported',
      `\`${path}\` scales its rotary frequencies by \`${ROPE_DIVISORS}\` in a way that is not supported. Use a model with Llama 3's scaling, linear scaling or none.`,
    );
  }
  return { ...config, rope: { ...rope, scaling } };
}

/** What newer converters take over from generation_config.json. */
function readSampling(
  path: string,
  metadata: ReadonlyMap<string, GgufValue>,
): Omit<GenerationDefaults, 'endTokens' | 'beginToken'> {
  const fields = metadataFields(path, metadata);
  const values = {
    temperature: fields.number('general.sampling.temp'),
    topK: fields.number('general.sampling.top_k'),
    topP: fields.number('general.sampling.top_p'),
    minP: fields.number('general.sampling.min_p'),
    repetitionPenalty: fields.number('general.sampling.penalty_repeat'),
  };
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
