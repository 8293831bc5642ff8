import type { ConfigFields } from './config-fields.ts';
import type { AttentionBias, FamilyName, ModelConfig } from './model-config.ts';
import { allLayers, type LayerShape, type WindowLayers, windowLayers } from './window-layers.ts';

/**
 * A `model_type` that is a Llama but for a few habits: one decoder describes them all. What a
 * config.json leaves out means what the family's own class makes of it.
 */
export interface DecoderFamily {
  readonly modelType: string;
  readonly name: FamilyName;
  readonly className: string;
  /** What counts where the config has no such field (`null` is a field). */
  readonly absent: {
    readonly contextLength: number;
    readonly ropeTheta: number;
    readonly tiedEmbeddings: boolean;
    readonly keyValueHeads?: number;
    readonly headDim?: number;
  };
  /** Fields of the decoder itself that differ from a plain Llama's. */
  readonly features?: Partial<Pick<ModelConfig, 'queryKeyNorm' | 'outputNorms' | 'normOffset'>>;
  /** The field that names the gate's activation. */
  readonly activationField?: string;
  attentionBias(fields: ConfigFields): AttentionBias;
  /** The layers that do not see the whole text, `null` where all do. */
  window(fields: ConfigFields, shape: LayerShape): WindowLayers | null;
  unrotatedLayers?(fields: ConfigFields, shape: LayerShape): readonly number[];
  /** Base of the rotary embedding in window layers, where it is not the others'. */
  windowTheta?(fields: ConfigFields): number;
  attentionScale?(fields: ConfigFields): number;
  embeddingScale?(hiddenSize: number): number;
  /** Refuses by name what makes it another decoder. */
  refuse?(fields: ConfigFields): void;
}

const WHOLE_TEXT = 'Use a model whose layers all attend to the whole text.';

const allOrNone = (fields: ConfigFields): AttentionBias => {
  const bias = fields.flag('attention_bias', false);
  return { query: bias, key: bias, value: bias, output: bias };
};

const llama: DecoderFamily = {
  modelType: 'llama',
  name: 'llama',
  className: 'LlamaForCausalLM',
  absent: { contextLength: 2048, ropeTheta: 10_000, tiedEmbeddings: false },
  attentionBias: allOrNone,
  window(fields, shape) {
    const off = fields.any('use_sliding_window') === false;
    const size = fields.any('sliding_window');
    if (size !== undefined && !off) throw fields.refuse('sliding_window', size, WHOLE_TEXT);
    return windowLayers(fields, shape, undefined, () => false);
  },
};

/** A window of 4,096 tokens is on unless the config says `null`, as all do from version 0.2 on. */
const mistral: DecoderFamily = {
  modelType: 'mistral',
  name: 'mistral',
  className: 'MistralForCausalLM',
  absent: { contextLength: 131_072, ropeTheta: 10_000, tiedEmbeddings: false, keyValueHeads: 8 },
  attentionBias: () => ({ query: false, key: false, value: false, output: false }),
  window(fields, shape) {
    const off = fields.has('sliding_window') && fields.any('sliding_window') === undefined;
    const size = off ? undefined : fields.count('sliding_window', 4096);
    return windowLayers(fields, shape, size, () => size !== undefined);
  },
};

/** Qwen's way: off unless told, whatever the size, and then from layer `max_window_layers` on. */
function upperWindow(fields: ConfigFields, shape: LayerShape): WindowLayers | null {
  const size = fields.any('sliding_window') === undefined ? undefined : fields.count('sliding_window');
  const first = fields.whole('max_window_layers', 28);
  const used = fields.flag('use_sliding_window', false) ? (size ?? 4096) : undefined;
  return windowLayers(fields, shape, used, (layer) => used !== undefined && layer >= first);
}

/** Biases on q, k and v without being told. */
const qwen2: DecoderFamily = {
  modelType: 'qwen2',
  name: 'qwen2',
  className: 'Qwen2ForCausalLM',
  absent: { contextLength: 32_768, ropeTheta: 10_000, tiedEmbeddings: false, keyValueHeads: 32 },
  attentionBias: () => ({ query: true, key: true, value: true, output: false }),
  window: upperWindow,
};

/** Norms of queries and keys instead of biases, and heads of a size of their own. */
const qwen3: DecoderFamily = {
  modelType: 'qwen3',
  name: 'qwen3',
  className: 'Qwen3ForCausalLM',
  absent: {
    contextLength: 32_768,
    ropeTheta: 10_000,
    tiedEmbeddings: false,
    keyValueHeads: 32,
    headDim: 128,
  },
  features: { queryKeyNorm: true },
  attentionBias: allOrNone,
  window: upperWindow,
};

/** Every fourth layer is not turned, unless `no_rope_layers` says of each (0: not turned). */
const smollm3: DecoderFamily = {
  modelType: 'smollm3',
  name: 'smollm3',
  className: 'SmolLM3ForCausalLM',
  absent: { contextLength: 32_768, ropeTheta: 2e6, tiedEmbeddings: true, keyValueHeads: 4 },
  attentionBias: allOrNone,
  window(fields, shape) {
    const unrotated = new Set(notTurned(fields, shape));
    const size = fields.any('sliding_window') === undefined ? undefined : fields.count('sliding_window');
    const used = fields.flag('use_sliding_window', false) ? size : undefined;
    return windowLayers(fields, shape, used, (layer) => used !== undefined && unrotated.has(layer));
  },
  unrotatedLayers: notTurned,
};

function notTurned(fields: ConfigFields, { layers }: LayerShape): readonly number[] {
  const interval = fields.count('no_rope_layer_interval', 4);
  const listed = fields.any('no_rope_layers');
  if (listed === undefined) return allLayers(layers).filter((layer) => (layer + 1) % interval === 0);
  const known = (value: unknown) => [0, 1, false, true].some((each) => each === value);
  if (!Array.isArray(listed) || listed.length < layers || !listed.every(known)) {
    throw fields.refuse('no_rope_layers', listed, `Expected a 0 or a 1 for each of ${layers} layers.`);
  }
  return allLayers(layers).filter((layer) => !listed[layer]);
}

/** Five window layers to one that sees everything, each kind with a rotary base of its own. */
const gemma3: DecoderFamily = {
  modelType: 'gemma3_text',
  name: 'gemma3',
  className: 'Gemma3ForCausalLM',
  absent: { contextLength: 131_072, ropeTheta: 1e6, tiedEmbeddings: true, keyValueHeads: 4, headDim: 256 },
  features: { queryKeyNorm: true, outputNorms: true, normOffset: 1 },
  activationField: 'hidden_activation',
  attentionBias: allOrNone,
  window(fields, shape) {
    const pattern = fields.count('sliding_window_pattern', fields.count('_sliding_window_pattern', 6));
    return windowLayers(
      fields,
      shape,
      fields.count('sliding_window', 4096),
      (layer) => (layer + 1) % pattern !== 0,
    );
  },
  windowTheta: (fields) => fields.positive('rope_local_base_freq', 10_000),
  attentionScale: (fields) => fields.positive('query_pre_attn_scalar', 256) ** -0.5,
  embeddingScale: Math.sqrt,
  refuse(fields) {
    for (const name of ['attn_logit_softcapping', 'final_logit_softcapping']) {
      const cap = fields.any(name);
      if (cap !== undefined) throw fields.refuse(name, cap, 'Use a model that does not cap its scores.');
    }
    if (fields.flag('use_bidirectional_attention', false)) {
      throw fields.refuse('use_bidirectional_attention', true, 'Use a model that writes text.');
    }
    fields.any('cache_implementation');
  },
};

export const DECODER_FAMILIES: readonly DecoderFamily[] = [llama, mistral, qwen2, qwen3, smollm3, gemma3];
