import type { ConfigFields } from '../config-fields.ts';
import type { FamilyName, ModelConfig } from '../model-config.ts';
import { allLayers } from '../window-layers.ts';

/** What llama.cpp knows about an architecture that its files do not say. */
export interface GgufArchitecture {
  /** `general.architecture`. */
  readonly name: string;
  readonly family: FamilyName;
  /** Rows of q and k lie in rotary pairs. */
  readonly pairedRotary: boolean;
  readonly features?: Partial<Pick<ModelConfig, 'queryKeyNorm' | 'outputNorms' | 'activation'>>;
  /** Layers that are not turned: every so many-th. */
  readonly unrotatedEvery?: number;
  readonly windows?: {
    /** One layer of so many sees the whole text, where the file does not say which. */
    readonly pattern: number;
    /** Rotary base of window layers where the file does not say. */
    readonly theta: number;
  };
  attentionScale?(shape: Pick<ModelConfig, 'hiddenSize' | 'layers' | 'attentionHeads' | 'headDim'>): number;
  embeddingScale?(hiddenSize: number): number;
}

/** Seen in llama.cpp's src/llama-model.cpp and src/models/, and in the converters of conversion/. */
export const GGUF_ARCHITECTURES: readonly GgufArchitecture[] = [
  // also Mistral, which llama.cpp converts under this name
  { name: 'llama', family: 'llama', pairedRotary: true },
  { name: 'qwen2', family: 'qwen2', pairedRotary: false },
  { name: 'qwen3', family: 'qwen3', pairedRotary: false, features: { queryKeyNorm: true } },
  { name: 'smollm3', family: 'smollm3', pairedRotary: true, unrotatedEvery: 4 },
  {
    name: 'gemma3',
    family: 'gemma3',
    pairedRotary: false,
    features: { queryKeyNorm: true, outputNorms: true, activation: 'gelu-tanh' },
    windows: { pattern: 6, theta: 10_000 },
    // the largest one, known by its 62 layers, scales by its width
    attentionScale: ({ hiddenSize, layers, attentionHeads, headDim }) =>
      (layers === 62 ? hiddenSize / attentionHeads : headDim) ** -0.5,
    embeddingScale: Math.sqrt,
  },
];

/** Window layers of an architecture that has them: the file's pattern, else its own. */
export function windowsFrom(
  fields: ConfigFields,
  { pattern, theta }: NonNullable<GgufArchitecture['windows']>,
  layers: number,
): ModelConfig['slidingWindow'] {
  const rope = { theta: fields.positive('rope.freq_base_swa', theta), scaling: null };
  const size = fields.whole('attention.sliding_window', 0);
  const given = fields.any('attention.sliding_window_pattern');
  if (size === 0) return null;
  if (Array.isArray(given)) {
    if (given.length < layers) {
      throw fields.refuse('attention.sliding_window_pattern', given, `Expected one for each of ${layers}.`);
    }
    return { size, layers: allLayers(layers).filter((layer) => Boolean(given[layer])), rope };
  }
  const every = given === undefined ? pattern : fields.count('attention.sliding_window_pattern');
  return { size, layers: allLayers(layers).filter((layer) => (layer + 1) % every !== 0), rope };
}
