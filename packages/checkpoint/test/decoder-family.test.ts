import { describe, expect, test } from 'vitest';
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
    { change: { use_sliding_window: true, sliding_window: 64 }, field: 'use_sliding_window' },
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

  test('is refused with a window, which it has where the file says nothing', async () => {
    const { sliding_window: _, ...silent } = mistral;
    await expectRefusal(() => read(silent), 'unsupported', '`sliding_window`', '4096');
    await expectRefusal(() => read({ ...mistral, sliding_window: 64 }), 'unsupported', '`sliding_window`');
  });
});
