import type { BlockType } from './tensor-source.ts';

/** The kinds of decoder that can be described. Each one says which tensors it has: `expectedTensors`. */
export type Architecture = 'llama';

/**
 * A decoder's shape, normalised. What a config file says is here under these names or was refused
 * by name; a reader of this object that cannot honour a field refuses it by name too.
 */
export interface ModelConfig {
  readonly architecture: Architecture;
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
  readonly rope: Rope;
  /** The output matrix is the embedding matrix; then there is no `lm_head.weight`. */
  readonly tiedEmbeddings: boolean;
  /** Which projections of the attention add a bias: `….q_proj.bias` and so on, [rows of the weight]. */
  readonly attentionBias: AttentionBias;
  readonly activation: 'silu';
  /** Type of most of the weights as stored. */
  readonly dtype: WeightType;
}

export interface AttentionBias {
  readonly query: boolean;
  readonly key: boolean;
  readonly value: boolean;
  readonly output: boolean;
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
