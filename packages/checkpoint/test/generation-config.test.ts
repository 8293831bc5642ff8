import { describe, expect, test } from 'vitest';
import { readGeneration } from '../src/generation-config.ts';
import { readLlamaConfig } from '../src/llama-config.ts';
import { expectRefusal } from './expect-refusal.ts';

const generation = (json: object) => ({ path: 'generation_config.json', json: { ...json } });
const config = (json: object) => ({ path: 'config.json', json: { ...json } });

describe('a token id that is none', () => {
  test.each([
    ['eos_token_id', 'two'],
    ['eos_token_id', [1, -2]],
    ['eos_token_id', 1.5],
    ['bos_token_id', { id: 1 }],
  ])('%s = %j is said of the file it stands in', async (name, value) => {
    await expectRefusal(
      () => readGeneration(generation({}), config({ [name]: value })),
      'invalid-file',
      '`config.json`',
    );
    await expectRefusal(
      () => readGeneration(generation({ [name]: value }), config({ [name]: 1 })),
      'invalid-file',
      '`generation_config.json`',
    );
    await expectRefusal(
      () => readGeneration(undefined, config({ [name]: value })),
      'invalid-file',
      '`config.json`',
    );
  });
});

describe('generation fields of config.json', () => {
  const sampling = { do_sample: true, temperature: 0.7, top_k: 20, top_p: 0.8, repetition_penalty: 1.1 };

  test('are read where there is no generation_config.json', () => {
    expect(readGeneration(undefined, config({ ...sampling, eos_token_id: 2 }))).toEqual({
      endTokens: [2],
      temperature: 0.7,
      topK: 20,
      topP: 0.8,
      repetitionPenalty: 1.1,
    });
  });

  test('are left-over defaults beside one, and without `do_sample`', () => {
    expect(readGeneration(generation({}), config(sampling))).toEqual({ endTokens: [] });
    expect(readGeneration(undefined, config({ ...sampling, do_sample: false }))).toEqual({ endTokens: [] });
  });

  test.each([
    'max_length',
    'temperature',
    'top_k',
    'num_beams',
    'repetition_penalty',
    'no_repeat_ngram_size',
    'min_length',
    'task_specific_params',
    'length_penalty',
    'num_return_sequences',
  ])('%s is no reason to refuse a model', (name) => {
    const llama = {
      model_type: 'llama',
      architectures: ['LlamaForCausalLM'],
      hidden_size: 32,
      intermediate_size: 64,
      num_attention_heads: 4,
      num_hidden_layers: 1,
      vocab_size: 100,
      max_position_embeddings: 64,
      rms_norm_eps: 1e-5,
    };
    expect(readLlamaConfig('config.json', { ...llama, [name]: 20 }).hiddenSize).toBe(32);
  });
});
