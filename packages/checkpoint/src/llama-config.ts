import { JudgeDecodingError } from '@judge-decoding/core';
import { type ConfigFields, fieldsOf } from './config-fields.ts';
import { readRope } from './config-rope.ts';
import { DECODER_FAMILIES, type DecoderFamily } from './decoder-family.ts';
import type { ModelConfig, SlidingWindow, WeightType } from './model-config.ts';
import type { WindowLayers } from './window-layers.ts';

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
  'sep_token_id',
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

/** Defaults for generation that transformers kept in config.json before there was a file for them. */
const OF_GENERATION: readonly string[] = [
  'bad_words_ids',
  'begin_suppress_tokens',
  'diversity_penalty',
  'do_sample',
  'early_stopping',
  'encoder_no_repeat_ngram_size',
  'epsilon_cutoff',
  'eta_cutoff',
  'exponential_decay_length_penalty',
  'forced_bos_token_id',
  'forced_eos_token_id',
  'length_penalty',
  'max_length',
  'max_new_tokens',
  'max_time',
  'min_length',
  'min_new_tokens',
  'min_p',
  'no_repeat_ngram_size',
  'num_beam_groups',
  'num_beams',
  'num_return_sequences',
  'output_scores',
  'penalty_alpha',
  'prefix',
  'remove_invalid_values',
  'renormalize_logits',
  'repetition_penalty',
  'return_dict_in_generate',
  'suppress_tokens',
  'task_specific_params',
  'temperature',
  'tf_legacy_loss',
  'top_k',
  'top_p',
  'typical_p',
  'use_bfloat16',
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
  family.refuse?.(fields);
  const { absent } = family;

  const hiddenSize = fields.count('hidden_size');
  const attentionHeads = fields.count('num_attention_heads');
  const keyValueHeads = fields.count(
    'num_key_value_heads',
    fields.has('num_key_value_heads') ? attentionHeads : (absent.keyValueHeads ?? attentionHeads),
  );
  if (attentionHeads % keyValueHeads !== 0) {
    throw inconsistent(
      path,
      `num_key_value_heads ${keyValueHeads} does not divide num_attention_heads ${attentionHeads}`,
    );
  }
  const headDim = fields.count('head_dim', absent.headDim ?? hiddenSize / attentionHeads);
  if (!Number.isInteger(headDim) || headDim % 2 !== 0) {
    throw inconsistent(path, `the head size must be even, got ${headDim}`);
  }
  const shape = { path, layers: fields.count('num_hidden_layers') };
  const contextLength = fields.count('max_position_embeddings', absent.contextLength);
  const rope = readRope(path, fields, absent.ropeTheta, family.windowTheta);
  const dtype = fields.text('dtype', fields.text('torch_dtype', 'float32'));
  const weightType = WEIGHT_TYPES[dtype];
  if (weightType === undefined) {
    throw fields.refuse('torch_dtype', dtype, 'Use weights in float32, float16 or bfloat16.');
  }
  const config: FileConfig = {
    architecture: 'llama',
    family: family.name,
    vocabSize: fields.count('vocab_size'),
    hiddenSize,
    intermediateSize: fields.count('intermediate_size'),
    layers: shape.layers,
    attentionHeads,
    keyValueHeads,
    headDim,
    contextLength,
    rmsNormEps: fields.positive('rms_norm_eps', 1e-6),
    normOffset: 0,
    rope: rope.whole,
    unrotatedLayers: family.unrotatedLayers?.(fields, shape) ?? [],
    slidingWindow: slidingWindow(family.window(fields, shape), rope, contextLength),
    tiedEmbeddings: fields.flag('tie_word_embeddings', absent.tiedEmbeddings),
    attentionBias: family.attentionBias(fields),
    queryKeyNorm: false,
    attentionScale: family.attentionScale?.(fields) ?? headDim ** -0.5,
    activation: readActivation(fields, family),
    outputNorms: false,
    embeddingScale: family.embeddingScale?.(hiddenSize) ?? 1,
    ...family.features,
    dtype: weightType,
  };
  const known = new Set([...WITHOUT_EFFECT, ...OF_GENERATION, ...ignore]);
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

/** A window as wide as the longest text hides nothing, but may turn its layers otherwise. */
export function slidingWindow(
  window: WindowLayers | null,
  { whole, windowed }: { readonly whole: ModelConfig['rope']; readonly windowed: ModelConfig['rope'] },
  contextLength: number,
): SlidingWindow | null {
  if (window === null || (windowed === whole && window.size >= contextLength)) return null;
  return { ...window, rope: windowed };
}

/** Names of what is built, as the families' files have them. */
const ACTIVATIONS: Readonly<Record<string, ModelConfig['activation']>> = {
  silu: 'silu',
  swish: 'silu',
  gelu_pytorch_tanh: 'gelu-tanh',
};

function readActivation(fields: ConfigFields, family: DecoderFamily): ModelConfig['activation'] {
  const field = family.activationField ?? 'hidden_act';
  const usual = family.activationField === undefined ? 'silu' : 'gelu_pytorch_tanh';
  const name = fields.text(field, usual);
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (activation !== undefined) return activation;
  throw fields.refuse(field, name, 'Use a model with `silu` or `gelu_pytorch_tanh`.');
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
}
