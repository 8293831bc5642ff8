import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expectedTensors } from '../expected-tensors.ts';
import type { ModelConfig, RopeScaling } from '../model-config.ts';
import { type FloatType, narrow } from '../number-formats.ts';
import { writeSafetensors } from '../safetensors-writer.ts';
import { makeTinyTokenizer, TINY_CHAT_TEMPLATE } from './tiny-tokenizer.ts';

/** The shape of a made-up model; what is left out is as small as can be. */
export interface TinyCheckpointOptions {
  /** Decides every weight. */
  readonly seed?: number;
  readonly layers?: number;
  readonly hiddenSize?: number;
  readonly intermediateSize?: number;
  readonly attentionHeads?: number;
  readonly keyValueHeads?: number;
  /** hiddenSize / attentionHeads when absent. */
  readonly headDim?: number;
  /** Rows of embedding and output matrices; a few more than there are tokens when absent. */
  readonly vocabSize?: number;
  /** Bytes that are tokens, where no text is to be read: all 256, and some words, when absent. */
  readonly bytes?: number;
  readonly contextLength?: number;
  readonly rmsNormEps?: number;
  readonly ropeTheta?: number;
  readonly ropeScaling?: RopeScaling | null;
  readonly tiedEmbeddings?: boolean;
  /** Biases on q, k, v and o. */
  readonly attentionBias?: boolean;
  readonly dtype?: 'fp32' | 'fp16' | 'bf16';
  /** Split the weights into shards of at most so many bytes. */
  readonly maxShardBytes?: number;
}

/** What was written, and where. */
export interface TinyCheckpoint {
  readonly folder: string;
  readonly tokenCount: number;
  readonly vocabSize: number;
  readonly beginToken: number;
  readonly endToken: number;
}

const STORED: Readonly<Record<'fp32' | 'fp16' | 'bf16', { type: FloatType; name: string }>> = {
  fp32: { type: 'F32', name: 'float32' },
  fp16: { type: 'F16', name: 'float16' },
  bf16: { type: 'BF16', name: 'bfloat16' },
};

/**
 * Writes a random but well-formed Hugging Face folder of the Llama architecture: the same options
 * give the same bytes. It speaks nonsense, with logits spread widely enough that near ties are rare.
 */
export async function makeTinyCheckpoint(
  folder: string,
  {
    seed = 1,
    layers = 2,
    hiddenSize = 32,
    intermediateSize = 2 * hiddenSize,
    attentionHeads = 4,
    keyValueHeads = 2,
    headDim = hiddenSize / attentionHeads,
    vocabSize,
    bytes,
    contextLength = 256,
    rmsNormEps = 1e-5,
    ropeTheta = 10_000,
    ropeScaling = null,
    tiedEmbeddings = false,
    attentionBias = false,
    dtype = 'fp32',
    maxShardBytes,
  }: TinyCheckpointOptions = {},
): Promise<TinyCheckpoint> {
  const tokenizer = makeTinyTokenizer(bytes);
  const { tokenCount, beginToken, endToken } = tokenizer;
  const rows = vocabSize ?? Math.ceil((tokenCount + 1) / 16) * 16;
  const bias = attentionBias;
  const config: ModelConfig = {
    architecture: 'llama',
    family: 'llama',
    vocabSize: rows,
    tokenCount,
    hiddenSize,
    intermediateSize,
    layers,
    attentionHeads,
    keyValueHeads,
    headDim,
    contextLength,
    rmsNormEps,
    normOffset: 0,
    rope: { theta: ropeTheta, scaling: ropeScaling },
    unrotatedLayers: [],
    slidingWindow: null,
    tiedEmbeddings,
    attentionBias: { query: bias, key: bias, value: bias, output: bias },
    queryKeyNorm: false,
    attentionScale: headDim ** -0.5,
    activation: 'silu',
    outputNorms: false,
    embeddingScale: 1,
    dtype,
  };

  await mkdir(folder, { recursive: true });
  const { type, name } = STORED[dtype];
  const random = normals(seed);
  const tensors = expectedTensors(config).map((tensor) => ({
    ...tensor,
    type,
    bytes: narrow(randomWeights(tensor.name, tensor.shape, random), type),
  }));
  await writeSafetensors(join(folder, 'model.safetensors'), tensors, {
    metadata: { format: 'pt' },
    ...(maxShardBytes === undefined ? {} : { maxShardBytes }),
  });

  const json = (file: string, content: object) =>
    writeFile(join(folder, file), `${JSON.stringify(content, null, 2)}\n`);
  await json('config.json', {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    vocab_size: rows,
    hidden_size: hiddenSize,
    intermediate_size: intermediateSize,
    num_hidden_layers: layers,
    num_attention_heads: attentionHeads,
    num_key_value_heads: keyValueHeads,
    head_dim: headDim,
    hidden_act: 'silu',
    max_position_embeddings: contextLength,
    rms_norm_eps: rmsNormEps,
    rope_theta: ropeTheta,
    rope_scaling: ropeScaling === null ? null : scalingFields(ropeScaling),
    tie_word_embeddings: tiedEmbeddings,
    attention_bias: attentionBias,
    mlp_bias: false,
    bos_token_id: beginToken,
    eos_token_id: endToken,
    torch_dtype: name,
  });
  await json('generation_config.json', { bos_token_id: beginToken, eos_token_id: [endToken] });
  await json('tokenizer.json', tokenizer.json);
  await json('tokenizer_config.json', {
    bos_token: '<|begin|>',
    eos_token: '<|end|>',
    pad_token: '<|pad|>',
    chat_template: TINY_CHAT_TEMPLATE,
    tokenizer_class: 'PreTrainedTokenizerFast',
  });
  return { folder, tokenCount, vocabSize: rows, beginToken, endToken };
}

function scalingFields(scaling: RopeScaling): object {
  if (scaling.type === 'linear') return { rope_type: 'linear', factor: scaling.factor };
  return {
    rope_type: 'llama3',
    factor: scaling.factor,
    low_freq_factor: scaling.lowFrequencyFactor,
    high_freq_factor: scaling.highFrequencyFactor,
    original_max_position_embeddings: scaling.originalContextLength,
  };
}

/** Keeps activations of order one through the layers; norms stay near one, as trained ones do. */
function randomWeights(name: string, shape: readonly number[], random: () => number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  const inputs = shape.at(-1)!;
  const [mean, spread] = name.endsWith('norm.weight')
    ? [1, 0.1]
    : name.endsWith('.bias')
      ? [0, 0.1]
      : name === 'model.embed_tokens.weight'
        ? [0, 1]
        : name === 'lm_head.weight'
          ? [0, 3 / Math.sqrt(inputs)]
          : [0, 1.5 / Math.sqrt(inputs)];
  return Float32Array.from({ length: count }, () => mean + spread * random());
}

/** Standard normal numbers: mulberry32 through the Box-Muller transform. */
function normals(seed: number): () => number {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
