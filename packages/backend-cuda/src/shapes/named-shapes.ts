import type { ModelConfig } from '@judge-decoding/checkpoint';

/** What the published configs of well-known models say; `tokens` are those of the tokenizer. */
interface Published {
  readonly family: 'llama' | 'mistral' | 'qwen2' | 'qwen3';
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly feedForward: number;
  readonly rows: number;
  readonly tokens: number;
  readonly context: number;
  readonly theta: number;
  readonly epsilon: number;
  readonly tied: boolean;
  readonly qkvBias: boolean;
  readonly qkNorm: boolean;
  /** Llama 3.1's rope scaling, if any. */
  readonly factor: number | undefined;
}

type Sizes = readonly [
  hidden: number,
  layers: number,
  heads: number,
  kvHeads: number,
  headDim: number,
  feedForward: number,
];

const published = (
  [hidden, layers, heads, kvHeads, headDim, feedForward]: Sizes,
  rest: Omit<Published, 'hidden' | 'layers' | 'heads' | 'kvHeads' | 'headDim' | 'feedForward'>,
): Published => ({ hidden, layers, heads, kvHeads, headDim, feedForward, ...rest });

const PLAIN = { family: 'llama' as const, tied: false, qkvBias: false, qkNorm: false, factor: undefined };
const LLAMA2 = { ...PLAIN, rows: 32_000, tokens: 32_000, context: 4096, theta: 1e4, epsilon: 1e-5 };
const LLAMA3 = {
  ...PLAIN,
  ...{ rows: 128_256, tokens: 128_256, context: 131_072, theta: 5e5, epsilon: 1e-5, factor: 8 },
};
const LLAMA32 = { ...LLAMA3, tied: true, factor: 32 };
const QWEN2 = {
  ...PLAIN,
  family: 'qwen2' as const,
  ...{ rows: 151_936, tokens: 151_665, context: 32_768, theta: 1e6, epsilon: 1e-6, qkvBias: true },
};
const QWEN3 = {
  ...QWEN2,
  family: 'qwen3' as const,
  tokens: 151_669,
  context: 40_960,
  qkvBias: false,
  qkNorm: true,
};
const tied = { tied: true };
const wide = { rows: 152_064 };

const PUBLISHED: Readonly<Record<string, Published>> = {
  'llama-2-7b': published([4096, 32, 32, 32, 128, 11_008], LLAMA2),
  'llama-2-13b': published([5120, 40, 40, 40, 128, 13_824], LLAMA2),
  'llama-2-70b': published([8192, 80, 64, 8, 128, 28_672], LLAMA2),
  'llama-3.1-8b': published([4096, 32, 32, 8, 128, 14_336], LLAMA3),
  'llama-3.1-70b': published([8192, 80, 64, 8, 128, 28_672], LLAMA3),
  'llama-3.1-405b': published([16_384, 126, 128, 8, 128, 53_248], LLAMA3),
  'llama-3.2-1b': published([2048, 16, 32, 8, 64, 8192], LLAMA32),
  'llama-3.2-3b': published([3072, 28, 24, 8, 128, 8192], LLAMA32),
  'mistral-7b': published([4096, 32, 32, 8, 128, 14_336], {
    ...PLAIN,
    family: 'mistral',
    ...{ rows: 32_768, tokens: 32_768, context: 32_768, theta: 1e6, epsilon: 1e-5 },
  }),
  'qwen2.5-0.5b': published([896, 24, 14, 2, 64, 4864], { ...QWEN2, ...tied }),
  'qwen2.5-1.5b': published([1536, 28, 12, 2, 128, 8960], { ...QWEN2, ...tied }),
  'qwen2.5-3b': published([2048, 36, 16, 2, 128, 11_008], { ...QWEN2, ...tied }),
  'qwen2.5-7b': published([3584, 28, 28, 4, 128, 18_944], { ...QWEN2, ...wide }),
  'qwen2.5-14b': published([5120, 48, 40, 8, 128, 13_824], { ...QWEN2, ...wide }),
  'qwen2.5-32b': published([5120, 64, 40, 8, 128, 27_648], { ...QWEN2, ...wide }),
  'qwen2.5-72b': published([8192, 80, 64, 8, 128, 29_568], { ...QWEN2, ...wide }),
  'qwen3-0.6b': published([1024, 28, 16, 8, 128, 3072], { ...QWEN3, ...tied }),
  'qwen3-1.7b': published([2048, 28, 16, 8, 128, 6144], { ...QWEN3, ...tied }),
  'qwen3-4b': published([2560, 36, 32, 8, 128, 9728], { ...QWEN3, ...tied }),
  'qwen3-8b': published([4096, 36, 32, 8, 128, 12_288], QWEN3),
  'qwen3-14b': published([5120, 40, 40, 8, 128, 17_408], QWEN3),
  'qwen3-32b': published([5120, 64, 64, 8, 128, 25_600], QWEN3),
};

/** Names that a synthetic model can be made of. */
export const NAMED_SHAPES: readonly string[] = Object.keys(PUBLISHED);

/** The shape of a well-known model, or `undefined`. */
export function namedShape(name: string): ModelConfig | undefined {
  const shape = Object.hasOwn(PUBLISHED, name) ? PUBLISHED[name] : undefined;
  return shape && configOf(shape);
}

export function configOf(shape: Published): ModelConfig {
  const { qkvBias: bias, factor } = shape;
  return {
    architecture: 'llama',
    family: shape.family,
    vocabSize: shape.rows,
    tokenCount: shape.tokens,
    hiddenSize: shape.hidden,
    intermediateSize: shape.feedForward,
    layers: shape.layers,
    attentionHeads: shape.heads,
    keyValueHeads: shape.kvHeads,
    headDim: shape.headDim,
    contextLength: shape.context,
    rmsNormEps: shape.epsilon,
    rope: {
      theta: shape.theta,
      scaling:
        factor === undefined
          ? null
          : {
              type: 'llama3',
              factor,
              lowFrequencyFactor: 1,
              highFrequencyFactor: 4,
              originalContextLength: 8192,
            },
    },
    tiedEmbeddings: shape.tied,
    attentionBias: { query: bias, key: bias, value: bias, output: false },
    queryKeyNorm: shape.qkNorm,
    attentionScale: shape.headDim ** -0.5,
    normOffset: 0,
    unrotatedLayers: [],
    slidingWindow: null,
    outputNorms: false,
    embeddingScale: 1,
    activation: 'silu',
    dtype: 'bf16',
  };
}

export type { Published };
