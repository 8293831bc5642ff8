import { describe, expect, test } from 'vitest';
import { readLlamaConfig } from '../src/llama-config.ts';
import { expectRefusal } from './expect-refusal.ts';

const llama = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: 320,
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  max_position_embeddings: 4096,
  rms_norm_eps: 1e-5,
  rope_theta: 500_000,
  hidden_act: 'silu',
  torch_dtype: 'bfloat16',
};
const llama3 = {
  factor: 32,
  high_freq_factor: 4,
  low_freq_factor: 1,
  original_max_position_embeddings: 8192,
};
const read = (change: object, ignore?: readonly string[]) =>
  readLlamaConfig('config.json', { ...llama, ...change }, ignore);

test('a config is normalised', () => {
  expect(read({})).toEqual({
    architecture: 'llama',
    family: 'llama',
    vocabSize: 320,
    hiddenSize: 64,
    intermediateSize: 128,
    layers: 3,
    attentionHeads: 8,
    keyValueHeads: 2,
    headDim: 8,
    contextLength: 4096,
    rmsNormEps: 1e-5,
    normOffset: 0,
    rope: { theta: 500_000, scaling: null },
    unrotatedLayers: [],
    slidingWindow: null,
    tiedEmbeddings: false,
    attentionBias: { query: false, key: false, value: false, output: false },
    queryKeyNorm: false,
    attentionScale: 8 ** -0.5,
    activation: 'silu',
    outputNorms: false,
    embeddingScale: 1,
    dtype: 'bf16',
  });
});

test.each([
  { says: 'no key-value heads', change: { num_key_value_heads: null }, gives: { keyValueHeads: 8 } },
  { says: 'a head size', change: { head_dim: 32 }, gives: { headDim: 32 } },
  { says: 'tied embeddings', change: { tie_word_embeddings: true }, gives: { tiedEmbeddings: true } },
  {
    says: 'the newer name of the type',
    change: { torch_dtype: undefined, dtype: 'float16' },
    gives: { dtype: 'fp16' },
  },
  {
    says: 'attention biases',
    change: { attention_bias: true },
    gives: { attentionBias: { query: true, key: true, value: true, output: true } },
  },
  {
    says: 'linear scaling in the old spelling',
    change: { rope_scaling: { type: 'linear', factor: 2 } },
    gives: { rope: { theta: 500_000, scaling: { type: 'linear', factor: 2 } } },
  },
  {
    says: 'llama3 scaling in both spellings',
    change: { rope_scaling: { type: 'llama3', rope_type: 'llama3', ...llama3 } },
    gives: {
      rope: {
        theta: 500_000,
        scaling: {
          type: 'llama3',
          factor: 32,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          originalContextLength: 8192,
        },
      },
    },
  },
  {
    says: 'rope parameters',
    change: { rope_theta: undefined, rope_parameters: { rope_type: 'default', rope_theta: 1234 } },
    gives: { rope: { theta: 1234, scaling: null } },
  },
])('$says is understood', ({ change, gives }) => {
  expect(read(change)).toMatchObject(gives);
});

test.each([
  {
    transformers_version: '4.55.0',
    use_cache: true,
    initializer_range: 0.02,
    pretraining_tp: 1,
    attention_dropout: 0,
  },
  { sliding_window: null, quantization_config: null, mlp_bias: false, rope_scaling: null },
  { sliding_window: 4096, use_sliding_window: false },
  { layer_types: ['full_attention', 'full_attention', 'full_attention'], partial_rotary_factor: 1 },
  { 'transformers.js_config': { dtype: 'q4' }, is_llama_config: true, rope_interleaved: false },
  { something_new: false, something_empty: {} },
])('%j changes nothing', (change) => {
  expect(read(change)).toEqual(read({}));
});

describe('refused by name', () => {
  test.each([
    { model_type: 'mamba' },
    { architectures: ['LlamaForSequenceClassification'] },
    { hidden_act: 'gelu' },
    { quantization_config: { quant_method: 'awq' } },
    { mlp_bias: true },
    { sliding_window: 4096 },
    { layer_types: ['full_attention', 'sliding_attention'] },
    { rope_interleaved: true },
    { partial_rotary_factor: 0.5 },
    { is_encoder_decoder: true },
    { torch_dtype: 'float8_e4m3fn' },
    { logit_scale: 0.0625 },
    { final_logit_softcapping: 30 },
  ])('%j', async (change) => {
    const [field, value] = Object.entries(change)[0]!;
    await expectRefusal(
      () => read(change),
      'unsupported',
      'config.json',
      `\`${field}\``,
      JSON.stringify(value),
    );
  });

  test.each([
    { scaling: { rope_type: 'yarn', factor: 4 }, field: 'rope_scaling.rope_type' },
    { scaling: { type: 'dynamic', factor: 4 }, field: 'rope_scaling.rope_type' },
    {
      scaling: { rope_type: 'linear', factor: 4, attention_factor: 2 },
      field: 'rope_scaling.attention_factor',
    },
    {
      scaling: { rope_type: 'default', partial_rotary_factor: 0.5 },
      field: 'rope_scaling.partial_rotary_factor',
    },
    { scaling: 'linear', field: 'rope_scaling' },
  ])('rope scaling $scaling', async ({ scaling, field }) => {
    await expectRefusal(() => read({ rope_scaling: scaling }), 'unsupported', 'config.json', `\`${field}\``);
  });

  test('an unknown field, unless the caller vouches for it', async () => {
    await expectRefusal(
      () => read({ residual_multiplier: 0.2 }),
      'unsupported',
      'residual_multiplier',
      'ignoreConfigFields',
    );
    expect(read({ residual_multiplier: 0.2 }, ['residual_multiplier'])).toEqual(read({}));
  });
});

test.each([
  { change: { hidden_size: undefined }, words: ['hidden_size', 'nothing'] },
  { change: { hidden_size: '64' }, words: ['hidden_size', '"64"'] },
  { change: { hidden_size: 0 }, words: ['hidden_size', '0'] },
  { change: { hidden_size: 1e12 }, words: ['hidden_size', '1000000000000'] },
  { change: { num_hidden_layers: 1.5 }, words: ['num_hidden_layers', '1.5'] },
  { change: { rms_norm_eps: -1 }, words: ['rms_norm_eps', '-1'] },
  { change: { tie_word_embeddings: 'yes' }, words: ['tie_word_embeddings', '"yes"'] },
  { change: { num_key_value_heads: 3 }, words: ['num_key_value_heads 3', 'num_attention_heads 8'] },
  { change: { hidden_size: 60 }, words: ['head size', '7.5'] },
  { change: { rope_scaling: { rope_type: 'linear' } }, words: ['rope_scaling.factor', 'nothing'] },
  {
    change: { rope_scaling: { rope_type: 'llama3', ...llama3, high_freq_factor: 1 } },
    words: ['high_freq_factor'],
  },
])('$change is no sound config', async ({ change, words }) => {
  await expectRefusal(() => read(change), 'invalid-file', 'config.json', ...words);
});
