import { JudgeDecodingError } from '@judge-decoding/core';
import { type ConfigFields, fieldsOf } from './config-fields.ts';
import { DECODER_FAMILIES, type DecoderFamily } from './decoder-family.ts';
import { isObject } from './json-file.ts';
import type { ModelConfig, RopeScaling, WeightType } from './model-config.ts';

/** config.json says nothing about the tokenizer, so the number of real tokens joins later. */
export type FileConfig = Omit<ModelConfig, 'tokenCount'>;

/**
 * Fields that change nothing about a forward pass: training, bookkeeping, defaults for generation
 * (generation_config.json holds those that count). Token ids are read elsewhere.
 */
const WITHOUT_EFFECT: readonly string[] = [
  '_attn_implementation',
  '_name_or_path',
  'attention_dropout',
  'bos_token_id',
  'chunk_size_feed_forward',
  'eos_token_id',
  'finetuning_task',
  'id2label',
  'initializer_range',
  'is_llama_config',
  'label2id',
  'output_attentions',
  'output_hidden_states',
  'pad_token_id',
  'pretraining_tp',
  'problem_type',
  'return_dict',
  'tokenizer_class',
  'torchscript',
  'transformers.js_config',
  'transformers_version',
  'unk_token_id',
  'unsloth_fixed',
  'unsloth_version',
  'use_cache',
  'use_return_dict',
];

const WEIGHT_TYPES: Readonly<Record<string, WeightType>> = {
  float32: 'fp32',
  float16: 'fp16',
  bfloat16: 'bf16',
};

/**
 * config.json of the Llama architecture and of the families that are one but for their names,
 * normalised. A field that asks for what is not built, or
 * that nobody here knows, is refused by name: a model that runs with a field overlooked speaks
 * almost sensibly, which is worse than not at all. `ignore` names fields the caller vouches for.
 */
export function readLlamaConfig(
  path: string,
  json: Readonly<Record<string, unknown>>,
  ignore: readonly string[] = [],
): FileConfig {
  const fields = fieldsOf(path, json);
  const family = requireFamily(fields);
  refuseOtherDecoders(fields);
  family.refuseWindow(fields);

  const hiddenSize = fields.count('hidden_size');
  const attentionHeads = fields.count('num_attention_heads');
  const keyValueHeads = fields.count('num_key_value_heads', attentionHeads);
  if (attentionHeads % keyValueHeads !== 0) {
    throw inconsistent(
      path,
      `num_key_value_heads ${keyValueHeads} does not divide num_attention_heads ${attentionHeads}`,
    );
  }
  const headDim = fields.count('head_dim', hiddenSize / attentionHeads);
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    throw inconsistent(path, `the head size must be even, got ${headDim}`);
  }
  const activation = fields.text('hidden_act', 'silu');
  if (activation !== 'silu' && activation !== 'swish') {
    throw fields.refuse('hidden_act', activation, 'Use a model with `silu`.');
  }
  const dtype = fields.text('dtype', fields.text('torch_dtype', 'float32'));
  const weightType = WEIGHT_TYPES[dtype];
  if (weightType === undefined) {
    throw fields.refuse('torch_dtype', dtype, 'Use weights in float32, float16 or bfloat16.');
  }
  const config: FileConfig = {
    architecture: 'llama',
    vocabSize: fields.count('vocab_size'),
    hiddenSize,
    intermediateSize: fields.count('intermediate_size'),
    layers: fields.count('num_hidden_layers'),
    attentionHeads,
    keyValueHeads,
    headDim,
    contextLength: fields.count('max_position_embeddings', family.contextLength),
    rmsNormEps: fields.positive('rms_norm_eps', 1e-6),
    rope: readRope(path, fields),
    tiedEmbeddings: fields.flag('tie_word_embeddings', false),
    attentionBias: family.attentionBias(fields),
    activation: 'silu',
    dtype: weightType,
  };
  const known = new Set([...WITHOUT_EFFECT, ...ignore]);
  const unknown = fields.unread().find((name) => !known.has(name));
  if (unknown !== undefined) {
    throw fields.refuse(
      unknown,
      json[unknown],
      'Nothing here knows this field. If it does not change the forward pass, name it in `ignoreConfigFields`.',
    );
  }
  return config;
}

const inconsistent = (path: string, problem: string) =>
  new JudgeDecodingError('invalid-file', `\`${path}\` contradicts itself: ${problem}.`);

function requireFamily(fields: ConfigFields): DecoderFamily {
  const type = fields.text('model_type');
  const family = DECODER_FAMILIES.find(({ modelType }) => modelType === type);
  if (family === undefined) {
    const known = DECODER_FAMILIES.map(({ modelType }) => `\`${modelType}\``).join(', ');
    throw fields.refuse('model_type', type, `Use a model whose \`model_type\` is one of ${known}.`);
  }
  const { className } = family;
  const classes = fields.any('architectures');
  const isDecoder =
    classes === undefined || (Array.isArray(classes) && classes.every((name) => name === className));
  if (isDecoder) return family;
  throw fields.refuse('architectures', classes, `Use a model for text generation (${className}).`);
}

/** What would make it another decoder than the one described by `ModelConfig`. */
function refuseOtherDecoders(fields: ConfigFields): void {
  const refuseIf = (name: string, isOther: (value: unknown) => boolean, supported: string) => {
    const value = fields.any(name);
    if (value !== undefined && isOther(value)) throw fields.refuse(name, value, supported);
  };
  const on = (value: unknown) => value !== false;
  refuseIf('quantization_config', on, 'Use the weights before quantisation (float32, float16 or bfloat16).');
  refuseIf('mlp_bias', on, 'Use a model without biases in its feed-forward layers.');
  refuseIf('rope_interleaved', on, 'Use a model in the half-split rotary layout.');
  refuseIf('partial_rotary_factor', (value) => value !== 1, 'Use a model that rotates whole heads.');
  refuseIf('is_encoder_decoder', on, 'Use a decoder-only model.');
  refuseIf('add_cross_attention', on, 'Use a decoder-only model.');
  refuseIf(
    'layer_types',
    (value) => !Array.isArray(value) || value.some((type) => type !== 'full_attention'),
    'Use a model whose layers all attend to the whole text.',
  );
}

/** Both spellings: `rope_theta` with `rope_scaling`, and the newer `rope_parameters` that holds both. */
function readRope(path: string, fields: ConfigFields): ModelConfig['rope'] {
  const newer = fields.any('rope_parameters');
  const older = fields.any('rope_scaling');
  const name = newer === undefined ? 'rope_scaling' : 'rope_parameters';
  const value = newer ?? older;
  const outerTheta = fields.positive('rope_theta', 10_000);
  if (value === undefined) return { theta: outerTheta, scaling: null };
  if (!isObject(value)) throw fields.refuse(name, value, 'Expected an object with `rope_type`.');
  const inner = fieldsOf(path, value, `${name}.`);
  const theta = inner.positive('rope_theta', outerTheta);
  // files written before 2024 say `type`
  const type = inner.text('rope_type', inner.text('type', 'default'));
  if (inner.any('partial_rotary_factor') !== undefined && inner.any('partial_rotary_factor') !== 1) {
    throw inner.refuse(
      'partial_rotary_factor',
      value.partial_rotary_factor,
      'Use a model that rotates whole heads.',
    );
  }
  const scaling = readScaling(path, type, inner);
  const unread = inner.unread()[0];
  if (unread !== undefined) {
    throw inner.refuse(unread, value[unread], `Scaling of type \`${type}\` has no such field here.`);
  }
  return { theta, scaling };
}

function readScaling(path: string, type: string, fields: ConfigFields): RopeScaling | null {
  switch (type) {
    case 'default':
      return null;
    case 'linear':
      return { type: 'linear', factor: fields.positive('factor') };
    case 'llama3': {
      const scaling: RopeScaling = {
        type: 'llama3',
        factor: fields.positive('factor'),
        lowFrequencyFactor: fields.positive('low_freq_factor'),
        highFrequencyFactor: fields.positive('high_freq_factor'),
        originalContextLength: fields.count('original_max_position_embeddings'),
      };
      if (scaling.highFrequencyFactor <= scaling.lowFrequencyFactor) {
        throw inconsistent(path, 'high_freq_factor of the rope scaling must be above low_freq_factor');
      }
      return scaling;
    }
    default:
      throw fields.refuse('rope_type', type, 'Supported are `default`, `linear` and `llama3`.');
  }
}
