import type { ConfigFields } from './config-fields.ts';
import type { AttentionBias } from './model-config.ts';

/**
 * A `model_type` that is a Llama but for a few habits: one decoder describes them all. What a
 * config.json leaves out means what the family's own class makes of it.
 */
export interface DecoderFamily {
  readonly modelType: string;
  readonly className: string;
  /** Longest text where the config does not say. */
  readonly contextLength: number;
  attentionBias(fields: ConfigFields): AttentionBias;
  /** Refuses a config whose layers do not all attend to the whole text. */
  refuseWindow(fields: ConfigFields): void;
}

const NO_BIAS: AttentionBias = { query: false, key: false, value: false, output: false };
const WHOLE_TEXT = 'Use a model whose layers all attend to the whole text.';

function refuseWindow(fields: ConfigFields): void {
  const windowOff = fields.any('use_sliding_window') === false;
  const window = fields.any('sliding_window');
  if (window !== undefined && !windowOff) throw fields.refuse('sliding_window', window, WHOLE_TEXT);
}

const llama: DecoderFamily = {
  modelType: 'llama',
  className: 'LlamaForCausalLM',
  contextLength: 2048,
  attentionBias(fields) {
    const bias = fields.flag('attention_bias', false);
    return { query: bias, key: bias, value: bias, output: bias };
  },
  refuseWindow,
};

/** A window of 4,096 tokens is on unless the config says `null`, as all do from version 0.2 on. */
const mistral: DecoderFamily = {
  modelType: 'mistral',
  className: 'MistralForCausalLM',
  contextLength: 131_072,
  attentionBias: () => NO_BIAS,
  refuseWindow(fields) {
    if (!fields.has('sliding_window')) {
      throw fields.refuse('sliding_window', 4096, `That is its value where the file has none. ${WHOLE_TEXT}`);
    }
    refuseWindow(fields);
  },
};

/** Biases on q, k and v without being told; a window is off unless told, whatever its size. */
const qwen2: DecoderFamily = {
  modelType: 'qwen2',
  className: 'Qwen2ForCausalLM',
  contextLength: 32_768,
  attentionBias: () => ({ query: true, key: true, value: true, output: false }),
  refuseWindow(fields) {
    fields.any('sliding_window');
    fields.any('max_window_layers');
    if (fields.flag('use_sliding_window', false)) {
      throw fields.refuse('use_sliding_window', true, WHOLE_TEXT);
    }
  },
};

export const DECODER_FAMILIES: readonly DecoderFamily[] = [llama, mistral, qwen2];
