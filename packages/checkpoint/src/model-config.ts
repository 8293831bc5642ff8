import type { BlockType } from './tensor-source.ts';

/** The kinds of decoder that can be described. Each one says which tensors it has: `expectedTensors`. */
export type Architecture = 'llama';

/** Who made a decoder so. For people; what there is to compute is in the other fields. */
export type FamilyName = 'llama' | 'mistral' | 'qwen2' | 'qwen3' | 'smollm3' | 'gemma3';

/**
 * A decoder's shape, normalised, as plain data: the one place that backends read. What a config file
 * says is here under these names or was refused by name; a reader of this object that cannot honour
 * a field refuses it by name too (`decoderFeatures` lists what goes beyond a plain Llama).
 *
 * A layer: x + attention(norm(x)), then x + feedForward(norm(x)), each term normed once more where
 * `outputNorms` says so. `layerAttention(config, layer)` tells how far a layer looks and turns.
 */
export interface ModelConfig {
  readonly architecture: Architecture;
  readonly family: FamilyName;
  /** Rows of the embedding and output matrices; those from `tokenCount` on are padding. */
  readonly vocabSize: number;
  /** Real tokens: ids 0 … tokenCount - 1. At most `vocabSize`. */
  readonly tokenCount: number;
  readonly hiddenSize: number;
  /** Width of the gated feed-forward layer. */
  readonly intermediateSize: number;
  readonly layers: number;
  readonly attentionHeads: number;
  /** Divides `attentionHeads`: head h reads key-value head floor(h · keyValueHeads / attentionHeads). */
  readonly keyValueHeads: number;
  /** Not always hiddenSize / attentionHeads. */
  readonly headDim: number;
  /** Longest text in tokens the model was made for. */
  readonly contextLength: number;
  readonly rmsNormEps: number;
  /** Added to the stored weight of every norm before it multiplies: 1 where files keep weights about zero. */
  readonly normOffset: 0 | 1;
  /** Rotary embedding of the layers that see the whole text. */
  readonly rope: Rope;
  /** Layers whose queries and keys are not turned at all, ascending. */
  readonly unrotatedLayers: readonly number[];
  /** Layers that look back only so far; `null` where all see the whole text. */
  readonly slidingWindow: SlidingWindow | null;
  /** The output matrix is the embedding matrix; then there is no `lm_head.weight`. */
  readonly tiedEmbeddings: boolean;
  /** Which projections of the attention add a bias: `….q_proj.bias` and so on, [rows of the weight]. */
  readonly attentionBias: AttentionBias;
  /** Every head's query and key is normed before it is turned: `….q_norm.weight`, `….k_norm.weight`, [headDim]. */
  readonly queryKeyNorm: boolean;
  /** What a query's product with a key is multiplied by; 1 / sqrt(headDim) in most. */
  readonly attentionScale: number;
  /** Of the gate: silu(x) = x · sigmoid(x), or gelu by its tanh formula. */
  readonly activation: 'silu' | 'gelu-tanh';
  /**
   * What attention and feed-forward layer put out is normed before it joins the stream. Then
   * `post_attention_layernorm` and `post_feedforward_layernorm` norm outputs, and the feed-forward
   * layer's input norm is `pre_feedforward_layernorm` instead of `post_attention_layernorm`.
   */
  readonly outputNorms: boolean;
  /** What a token's row of the embedding is multiplied by; the output matrix is not. */
  readonly embeddingScale: number;
  /** Type of most of the weights as stored. */
  readonly dtype: WeightType;
}

/** Which projections of attention add a bias. */
export interface AttentionBias {
  readonly query: boolean;
  readonly key: boolean;
  readonly value: boolean;
  readonly output: boolean;
}

/** Layers that see only the nearest tokens. */
export interface SlidingWindow {
  /** Tokens that a token sees, itself among them. */
  readonly size: number;
  /** Layers it holds for, ascending. */
  readonly layers: readonly number[];
  /** Rotary embedding of these layers. */
  readonly rope: Rope;
}

/** Rotary position embedding in the half-split layout: element i turns with element i + headDim / 2. */
export interface Rope {
  readonly theta: number;
  readonly scaling: RopeScaling | null;
}

/** `inverseFrequencies(config)` computes what these mean. */
export type RopeScaling =
  | { readonly type: 'linear'; readonly factor: number }
  | {
      readonly type: 'llama3';
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalContextLength: number;
    };

/** Quantised models mix types: `TensorSource.info` tells what each tensor is. */
export type WeightType = 'fp32' | 'fp16' | 'bf16' | BlockType;
