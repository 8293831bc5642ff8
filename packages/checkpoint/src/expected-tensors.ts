import type { ModelConfig } from './model-config.ts';

/** A tensor that a model must have. */
export interface ExpectedTensor {
  readonly name: string;
  readonly shape: readonly number[];
}

/**
 * Every tensor of a model, in the order in which it is used, under Hugging Face's names.
 * Projections are [outputs, inputs]; rows of q and k are in the half-split rotary order.
 */
export function expectedTensors(config: ModelConfig): ExpectedTensor[] {
  const { vocabSize, hiddenSize, headDim, intermediateSize, attentionBias, queryKeyNorm, outputNorms } =
    config;
  const queries = config.attentionHeads * headDim;
  const keys = config.keyValueHeads * headDim;
  const tensors: ExpectedTensor[] = [{ name: 'model.embed_tokens.weight', shape: [vocabSize, hiddenSize] }];
  for (let layer = 0; layer < config.layers; layer++) {
    const at = `model.layers.${layer}`;
    const projection = (name: string, outputs: number, inputs: number, bias: boolean) => {
      tensors.push({ name: `${at}.${name}.weight`, shape: [outputs, inputs] });
      if (bias) tensors.push({ name: `${at}.${name}.bias`, shape: [outputs] });
    };
    const norm = (name: string, size = hiddenSize) =>
      tensors.push({ name: `${at}.${name}.weight`, shape: [size] });
    norm('input_layernorm');
    projection('self_attn.q_proj', queries, hiddenSize, attentionBias.query);
    projection('self_attn.k_proj', keys, hiddenSize, attentionBias.key);
    projection('self_attn.v_proj', keys, hiddenSize, attentionBias.value);
    if (queryKeyNorm) {
      norm('self_attn.q_norm', headDim);
      norm('self_attn.k_norm', headDim);
    }
    projection('self_attn.o_proj', hiddenSize, queries, attentionBias.output);
    norm('post_attention_layernorm');
    if (outputNorms) norm('pre_feedforward_layernorm');
    projection('mlp.gate_proj', intermediateSize, hiddenSize, false);
    projection('mlp.up_proj', intermediateSize, hiddenSize, false);
    projection('mlp.down_proj', hiddenSize, intermediateSize, false);
    if (outputNorms) norm('post_feedforward_layernorm');
  }
  tensors.push({ name: 'model.norm.weight', shape: [hiddenSize] });
  if (!config.tiedEmbeddings) tensors.push({ name: 'lm_head.weight', shape: [vocabSize, hiddenSize] });
  return tensors;
}
