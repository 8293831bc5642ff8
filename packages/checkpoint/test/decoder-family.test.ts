import { describe, expect, test } from 'vitest';
import { decoderFeatures } from '../src/decoder-features.ts';
import { architectureFingerprint } from '../src/fingerprints.ts';
import { layerAttention } from '../src/layer-attention.ts';
import { readLlamaConfig } from '../src/llama-config.ts';
import { expectRefusal } from './expect-refusal.ts';

const shape = {
  vocab_size: 320,
  hidden_size: 64,
  intermediate_size: 128,
  num_hidden_layers: 3,
  num_attention_heads: 8,
  num_key_value_heads: 2,
  torch_dtype: 'bfloat16',
};
const qwen2 = { ...shape, model_type: 'qwen2', architectures: ['Qwen2ForCausalLM'] };
const mistral = {
  ...shape,
  model_type: 'mistral',
  architectures: ['MistralForCausalLM'],
  sliding_window: null,
};
const qwen3 = { ...shape, model_type: 'qwen3', architectures: ['Qwen3ForCausalLM'] };
const smollm3 = { ...shape, model_type: 'smollm3', architectures: ['SmolLM3ForCausalLM'] };
const gemma3 = {
  ...shape,
  model_type: 'gemma3_text',
  architectures: ['Gemma3ForCausalLM'],
  query_pre_attn_scalar: 64,
  sliding_window: 512,
};
const read = (config: object) => readLlamaConfig('config.json', { ...config });

describe('qwen2', () => {
  test('has biases on q, k and v that no field speaks of', () => {
    expect(read({ ...qwen2, rope_theta: 1e6, max_position_embeddings: 4096 })).toMatchObject({
      attentionBias: { query: true, key: true, value: true, output: false },
      contextLength: 4096,
      rope: { theta: 1e6, scaling: null },
    });
    expect(read(qwen2).contextLength).toBe(32_768);
  });

  test.each([
    { sliding_window: 4096, max_window_layers: 2 },
    { sliding_window: 131_072, max_window_layers: 28, use_sliding_window: false },
    { use_mrope: false },
  ])('reads what changes nothing: %j', (fields) => {
    expect(read({ ...qwen2, ...fields })).toEqual(read(qwen2));
  });

  test.each([
    { change: { rope_scaling: { type: 'yarn', factor: 4 } }, field: 'rope_scaling.rope_type' },
    { change: { attention_bias: true }, field: 'attention_bias' },
    { change: { architectures: ['LlamaForCausalLM'] }, field: 'architectures' },
  ])('refuses $change by name', async ({ change, field }) => {
    await expectRefusal(() => read({ ...qwen2, ...change }), 'unsupported', `\`${field}\``);
  });
});

describe('mistral', () => {
  test('is read where its window is switched off', () => {
    expect(read({ ...mistral, head_dim: 16 })).toMatchObject({
      headDim: 16,
      attentionBias: { query: false, key: false, value: false, output: false },
    });
  });

  test('has a window in all layers, also where the file says nothing', () => {
    const { sliding_window: _, ...silent } = mistral;
    const rope = { theta: 10_000, scaling: null };
    expect(read(silent).slidingWindow).toEqual({ size: 4096, layers: [0, 1, 2], rope });
    expect(read({ ...mistral, sliding_window: 64 }).slidingWindow).toEqual({
      size: 64,
      layers: [0, 1, 2],
      rope,
    });
    expect(read({ ...mistral, sliding_window: 131_072 }).slidingWindow).toBeNull();
  });
});

describe('windows of the Qwen families', () => {
  const on = { use_sliding_window: true, sliding_window: 64, max_window_layers: 1 };

  test.each([qwen2, qwen3])('lie over the upper layers where they are on: $model_type', (family) => {
    expect(read({ ...family, ...on }).slidingWindow).toMatchObject({ size: 64, layers: [1, 2] });
    expect(read({ ...family, ...on, use_sliding_window: false }).slidingWindow).toBeNull();
    const types = ['sliding_attention', 'full_attention', 'full_attention'];
    expect(read({ ...family, ...on, layer_types: types }).slidingWindow?.layers).toEqual([0]);
  });

  test('kinds of layers that contradict the rest are refused', async () => {
    const types = ['sliding_attention', 'full_attention', 'full_attention'];
    await expectRefusal(() => read({ ...qwen3, layer_types: types }), 'unsupported', '`layer_types`');
    await expectRefusal(
      () => read({ ...qwen3, ...on, layer_types: types.slice(1) }),
      'invalid-file',
      'layer_types',
    );
    await expectRefusal(
      () => read({ ...qwen3, ...on, layer_types: [...types.slice(1), 'linear_attention'] }),
      'unsupported',
      'linear_attention',
    );
  });
});

describe('qwen3', () => {
  test('norms queries and keys, and has heads of 128 where the file does not say', () => {
    expect(read({ ...qwen3, head_dim: null, num_key_value_heads: 8 })).toMatchObject({
      family: 'qwen3',
      queryKeyNorm: true,
      headDim: 128,
      attentionScale: 128 ** -0.5,
      attentionBias: { query: false, key: false, value: false, output: false },
      tiedEmbeddings: false,
    });
    expect(decoderFeatures({ ...read(qwen3), tokenCount: 1 })).toEqual(['queryKeyNorm']);
  });
});

describe('smollm3', () => {
  test('leaves every fourth layer unturned, or those that the file names', () => {
    const eight = { ...smollm3, num_hidden_layers: 8 };
    expect(read(eight)).toMatchObject({
      unrotatedLayers: [3, 7],
      tiedEmbeddings: true,
      rope: { theta: 2e6 },
    });
    expect(read({ ...eight, no_rope_layer_interval: 3 }).unrotatedLayers).toEqual([2, 5]);
    expect(read({ ...smollm3, no_rope_layers: [1, 0, 0] }).unrotatedLayers).toEqual([1, 2]);
    expect(read({ ...smollm3, no_rope_layers: [1, 1, 1] }).unrotatedLayers).toEqual([]);
  });

  test('has windows where it is told, in the layers without rotary positions', () => {
    const windowed = { ...smollm3, use_sliding_window: true, sliding_window: 16, no_rope_layers: [1, 0, 1] };
    expect(read(windowed).slidingWindow).toMatchObject({ size: 16, layers: [1] });
  });

  test.each([{ no_rope_layers: [1] }, { no_rope_layers: [1, 2, 1] }, { mlp_bias: true }])(
    'refuses %j by name',
    async (change) => {
      await expectRefusal(
        () => read({ ...smollm3, ...change }),
        'unsupported',
        `\`${Object.keys(change)[0]}\``,
      );
    },
  );
});

describe('gemma3', () => {
  const seven = { ...gemma3, num_hidden_layers: 7 };

  test('is described as its own code has it', () => {
    expect(read(seven)).toMatchObject({
      family: 'gemma3',
      activation: 'gelu-tanh',
      outputNorms: true,
      normOffset: 1,
      queryKeyNorm: true,
      embeddingScale: 8,
      attentionScale: 64 ** -0.5,
      tiedEmbeddings: true,
      rope: { theta: 1e6, scaling: null },
      slidingWindow: { size: 512, layers: [0, 1, 2, 3, 4, 6], rope: { theta: 10_000, scaling: null } },
    });
  });

  test.each([
    { sliding_window_pattern: 2 },
    { _sliding_window_pattern: 2 },
    { layer_types: Array.from({ length: 7 }, (_, i) => (i % 2 ? 'full_attention' : 'sliding_attention')) },
  ])('which layers have a window: %j', (fields) => {
    expect(read({ ...seven, ...fields }).slidingWindow?.layers).toEqual([0, 2, 4, 6]);
  });

  test.each([
    {
      rope_theta: 5e5,
      rope_local_base_freq: 100,
      rope_scaling: { rope_type: 'linear', factor: 8 },
    },
    {
      rope_parameters: {
        full_attention: { rope_type: 'linear', factor: 8, rope_theta: 5e5 },
        sliding_attention: { rope_type: 'default', rope_theta: 100 },
      },
    },
  ])('each kind of layer turns in its own way: %j', (fields) => {
    expect(read({ ...seven, ...fields })).toMatchObject({
      rope: { theta: 5e5, scaling: { type: 'linear', factor: 8 } },
      slidingWindow: { rope: { theta: 100, scaling: null } },
    });
  });

  test('a window as wide as the text still turns its layers otherwise', () => {
    expect(read({ ...seven, sliding_window: 131_072 }).slidingWindow?.size).toBe(131_072);
  });

  test.each([
    { final_logit_softcapping: 30 },
    { attn_logit_softcapping: 50 },
    { use_bidirectional_attention: true },
    { hidden_activation: 'gelu' },
    { rope_parameters: { rope_theta: 5 } },
  ])('refuses %j by name', async (change) => {
    const [field, value] = Object.entries(change)[0]!;
    const named = typeof value === 'object' ? `${field}.${Object.keys(value)[0]}` : field;
    await expectRefusal(() => read({ ...gemma3, ...change }), 'unsupported', `\`${named}\``);
  });
});

test('layers look back and turn as the description says', () => {
  const config = {
    rope: { theta: 2, scaling: null },
    unrotatedLayers: [1],
    slidingWindow: { size: 5, layers: [2], rope: { theta: 3, scaling: null } },
  };
  expect([0, 1, 2].map((layer) => layerAttention(config, layer))).toEqual([
    { window: null, rope: { theta: 2, scaling: null } },
    { window: null, rope: null },
    { window: 5, rope: { theta: 3, scaling: null } },
  ]);
});

test('what a family adds is part of the fingerprint, its name and where its norms start are not', () => {
  const of = (change: object) =>
    architectureFingerprint({ ...read({ ...qwen3, head_dim: 8 }), tokenCount: 300, ...change });
  expect(of({ family: 'llama', normOffset: 1, tokenCount: 1 })).toBe(of({}));
  for (const change of [
    { queryKeyNorm: false },
    { unrotatedLayers: [1] },
    { embeddingScale: 2 },
    { attentionScale: 1 },
    { outputNorms: true },
    { slidingWindow: { size: 5, layers: [2], rope: { theta: 3, scaling: null } } },
  ]) {
    expect(of(change)).not.toBe(of({}));
  }
});
