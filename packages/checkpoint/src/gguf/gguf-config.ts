import { JudgeDecodingError } from '@judge-decoding/core';
import { blockShape, isBlockType } from '../block-shapes.ts';
import { type ConfigFields, fieldsOf } from '../config-fields.ts';
import type { FileConfig } from '../llama-config.ts';
import type { RopeScaling, WeightType } from '../model-config.ts';
import type { TensorType } from '../tensor-source.ts';
import { allLayers } from '../window-layers.ts';
import { GGUF_ARCHITECTURES, type GgufArchitecture, windowsFrom } from './gguf-architecture.ts';
import { type GgufHeader, type GgufTensor, invalidGguf, shownValue } from './gguf-header.ts';
import type { GgufValue } from './gguf-values.ts';

/** Per-layer settings are arrays; longer ones are no settings. */
const MAX_LAYERS = 4096;
const WEIGHT_TYPES: Partial<Record<TensorType, WeightType>> = { F32: 'fp32', F16: 'fp16', BF16: 'bf16' };

export function readArchitecture(path: string, metadata: GgufHeader['metadata']): GgufArchitecture {
  const value = metadata.get('general.architecture');
  if (typeof value !== 'string') {
    throw invalidGguf(path, '`general.architecture` is missing from its metadata');
  }
  const type = metadata.get('general.type') ?? 'model';
  if (type !== 'model') throw refusal(path, 'general.type', type, 'Use the file of a whole model.');
  const parts = metadata.get('split.count') ?? 1;
  if (parts !== 1 && parts !== 0) {
    throw refusal(path, 'split.count', parts, 'Merge the parts into one file (`llama-gguf-split --merge`).');
  }
  const known = GGUF_ARCHITECTURES.find(({ name }) => name === value);
  if (known !== undefined) return known;
  const names = GGUF_ARCHITECTURES.map(({ name }) => name).join(', ');
  throw refusal(path, 'general.architecture', value, `Supported are ${names}.`);
}

const refusal = (path: string, key: string, value: GgufValue, supported: string) =>
  new JudgeDecodingError(
    'unsupported',
    `\`${path}\` asks for \`${key}\` = ${shownValue(value)}, which is not supported. ${supported}`,
  );

/**
 * The decoder's shape from a GGUF file's metadata, and what only its tensors tell: biases, tied
 * embeddings, rows of the vocabulary. Every key of the architecture is honoured or refused by
 * name. llama3 scaling is not among the metadata: see `scalingFromDivisors`.
 */
export function readGgufConfig(
  path: string,
  architecture: GgufArchitecture,
  { metadata, tensors }: Pick<GgufHeader, 'metadata' | 'tensors'>,
): FileConfig {
  const prefix = `${architecture.name}.`;
  const values = Object.fromEntries(
    [...metadata]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, value]) => [key.slice(prefix.length), uniform(path, key, value)]),
  );
  const fields = fieldsOf(path, values, prefix);
  refuseOtherDecoders(fields);

  const hiddenSize = fields.count('embedding_length');
  const layers = fields.count('block_count');
  const attentionHeads = fields.count('attention.head_count');
  const keyValueHeads = fields.count('attention.head_count_kv', attentionHeads);
  if (attentionHeads % keyValueHeads !== 0) {
    throw invalidGguf(path, `${keyValueHeads} key-value heads do not divide ${attentionHeads} heads`);
  }
  const headDim = fields.count('attention.key_length', hiddenSize / attentionHeads);
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    throw invalidGguf(path, `the head size must be even, got ${headDim}`);
  }
  for (const name of HEAD_SIZES) {
    const size = fields.count(name, headDim);
    if (size !== headDim)
      throw fields.refuse(name, size, `Use a model in which it is the head size, ${headDim}.`);
  }
  const embedding = tensors.get('token_embd.weight');
  if (embedding === undefined) throw invalidGguf(path, 'it has no tensor `token_embd.weight`');
  const vocabSize = embedding.shape[0]!;
  const declared = fields.count('vocab_size', vocabSize);
  if (declared !== vocabSize) {
    throw invalidGguf(path, `${prefix}vocab_size is ${declared}, token_embd.weight has ${vocabSize} rows`);
  }
  const contextLength = fields.count('context_length');
  const { windows, unrotatedEvery } = architecture;
  const slidingWindow = windows === undefined ? null : windowsFrom(fields, windows, layers);
  if (windows === undefined) refuseWindow(fields, contextLength);
  const hasBias = (part: string) => tensors.has(`blk.0.${part}.bias`);
  const config: FileConfig = {
    architecture: 'llama',
    family: architecture.family,
    vocabSize,
    hiddenSize,
    intermediateSize: fields.count('feed_forward_length'),
    layers,
    attentionHeads,
    keyValueHeads,
    headDim,
    contextLength,
    rmsNormEps: fields.positive('attention.layer_norm_rms_epsilon'),
    // converters have added what there is to add
    normOffset: 0,
    rope: { theta: fields.positive('rope.freq_base', 10_000), scaling: readScaling(fields) },
    unrotatedLayers:
      unrotatedEvery === undefined
        ? []
        : allLayers(layers).filter((layer) => (layer + 1) % unrotatedEvery === 0),
    slidingWindow,
    tiedEmbeddings: !tensors.has('output.weight'),
    attentionBias: {
      query: hasBias('attn_q'),
      key: hasBias('attn_k'),
      value: hasBias('attn_v'),
      output: hasBias('attn_output'),
    },
    queryKeyNorm: false,
    attentionScale:
      architecture.attentionScale?.({ hiddenSize, layers, attentionHeads, headDim }) ?? headDim ** -0.5,
    activation: 'silu',
    outputNorms: false,
    embeddingScale: architecture.embeddingScale?.(hiddenSize) ?? 1,
    ...architecture.features,
    dtype: commonestType(tensors.values()),
  };
  const unknown = fields.unread()[0];
  if (unknown !== undefined) {
    throw fields.refuse(unknown, values[unknown], 'Nothing here knows this setting.');
  }
  return config;
}

/** Other settings that a decoder of this kind has but one value for. */
const HEAD_SIZES = [
  'attention.value_length',
  'attention.key_length_swa',
  'attention.value_length_swa',
  'rope.dimension_count',
  'rope.dimension_count_swa',
];

/** A window over texts longer than the model's own hides nothing. */
function refuseWindow(fields: ConfigFields, contextLength: number): void {
  const size = fields.any('attention.sliding_window');
  if (size === undefined || size === 0 || (typeof size === 'number' && size >= contextLength)) return;
  throw fields.refuse(
    'attention.sliding_window',
    size,
    'Use a model whose layers all attend to the whole text.',
  );
}

/** A setting for each layer is one setting where all are the same, and a list where it says which. */
function uniform(path: string, key: string, value: GgufValue): unknown {
  if (typeof value !== 'object') return value;
  const list: readonly unknown[] =
    value.length > MAX_LAYERS ? [] : value.kind === 'strings' ? value.strings() : value.numbers();
  if (key.endsWith('.sliding_window_pattern') && list.length > 0) return list;
  if (list.length > 0 && list.every((element) => element === list[0])) return list[0];
  throw refusal(path, key, value, 'Use a model whose layers are all alike.');
}

/** History, and what only matters to types of scaling that are refused. */
const WITHOUT_EFFECT = [
  'tensor_data_layout',
  'rope.scaling.finetuned',
  'rope.scaling.original_context_length',
];

/** What would make it another decoder than the one described by `ModelConfig`. */
function refuseOtherDecoders(fields: ConfigFields): void {
  for (const name of WITHOUT_EFFECT) fields.any(name);
  const refuseUnless = (name: string, usual: readonly unknown[], supported: string) => {
    const value = fields.any(name);
    if (value !== undefined && !usual.includes(value)) throw fields.refuse(name, value, supported);
  };
  refuseUnless('expert_count', [0], 'Use a model without experts.');
  refuseUnless('expert_used_count', [0], 'Use a model without experts.');
  refuseUnless('use_parallel_residual', [false], 'Use a model whose layers come one after another.');
  refuseUnless('attention.causal', [true], 'Use a decoder.');
  refuseUnless('pooling_type', [0], 'Use a model for text generation.');
  refuseUnless('attention.max_alibi_bias', [0], 'Use a model with rotary positions.');
  refuseUnless('attention.clamp_kqv', [0], 'Use a model without clamping.');
  for (const name of ['logit_scale', 'residual_scale', 'embedding_scale']) {
    refuseUnless(name, [0, 1], 'Use a model without this scale.');
  }
}

/** As llama.cpp has it: a factor counts unless the type says `none`, and it stretches linearly. */
function readScaling(fields: ConfigFields): RopeScaling | null {
  const type = fields.text('rope.scaling.type', 'linear');
  // `rope.scale_linear` is the name it had in files from 2023
  const factor = fields.positive('rope.scaling.factor', fields.positive('rope.scale_linear', 1));
  const attention = fields.any('rope.scaling.attn_factor');
  if (attention !== undefined && attention !== 1) {
    throw fields.refuse('rope.scaling.attn_factor', attention, 'Use a model without it.');
  }
  if (type === 'none') return null;
  if (type === 'linear') return factor === 1 ? null : { type: 'linear', factor };
  throw fields.refuse('rope.scaling.type', type, 'Supported are `none` and `linear`.');
}

/** The type that most of the matrices' elements have. */
function commonestType(tensors: Iterable<GgufTensor>): WeightType {
  const counts = new Map<TensorType, number>();
  for (const { type, shape, byteLength } of tensors) {
    const { elements, bytes } = blockShape(type);
    if (shape.length > 1) counts.set(type, (counts.get(type) ?? 0) + (byteLength / bytes) * elements);
  }
  const [[type] = ['F32' as const]] = [...counts].sort(([, a], [, b]) => b - a);
  return isBlockType(type) ? type : (WEIGHT_TYPES[type] ?? 'fp32');
}
