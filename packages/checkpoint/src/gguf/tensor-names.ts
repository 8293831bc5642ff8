import type { ModelConfig } from '../model-config.ts';

/** Tensors outside the layers, under the names that GGUF gives them. */
const OUTER: Readonly<Record<string, string>> = {
  'token_embd.weight': 'model.embed_tokens.weight',
  'output_norm.weight': 'model.norm.weight',
  'output.weight': 'lm_head.weight',
};

/** What follows `blk.<layer>.`, less `.weight` and `.bias`. */
const IN_LAYER: Readonly<Record<string, string>> = {
  attn_norm: 'input_layernorm',
  attn_q: 'self_attn.q_proj',
  attn_k: 'self_attn.k_proj',
  attn_v: 'self_attn.v_proj',
  attn_output: 'self_attn.o_proj',
  ffn_norm: 'post_attention_layernorm',
  ffn_gate: 'mlp.gate_proj',
  ffn_up: 'mlp.up_proj',
  ffn_down: 'mlp.down_proj',
};

const WITH_QUERY_KEY_NORM: Readonly<Record<string, string>> = {
  attn_q_norm: 'self_attn.q_norm',
  attn_k_norm: 'self_attn.k_norm',
};

/** Of these the meaning differs where the outputs of layers are normed, too. */
const WITH_OUTPUT_NORMS: Readonly<Record<string, string>> = {
  post_attention_norm: 'post_attention_layernorm',
  ffn_norm: 'pre_feedforward_layernorm',
  post_ffw_norm: 'post_feedforward_layernorm',
};

/** Hugging Face's name of a tensor of a GGUF file, `undefined` where a plain decoder has none such. */
export function huggingFaceName(
  name: string,
  { outputNorms, queryKeyNorm }: Pick<ModelConfig, 'outputNorms' | 'queryKeyNorm'>,
): string | undefined {
  if (Object.hasOwn(OUTER, name)) return OUTER[name];
  const [, layer, part, kind] = /^blk\.(0|[1-9]\d{0,4})\.([a-z_]+)\.(weight|bias)$/.exec(name) ?? [];
  const parts = {
    ...IN_LAYER,
    ...(queryKeyNorm ? WITH_QUERY_KEY_NORM : {}),
    ...(outputNorms ? WITH_OUTPUT_NORMS : {}),
  };
  if (part === undefined || !Object.hasOwn(parts, part)) return undefined;
  return `model.layers.${layer}.${parts[part]}.${kind}`;
}

/** Whether its rows are in rotary order: q and k, weights and biases alike. */
export const isRotary = (name: string) => /\.self_attn\.[qk]_proj\.(weight|bias)$/.test(name);
