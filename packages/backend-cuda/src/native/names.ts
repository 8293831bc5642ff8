import type { HiddenState } from '@judge-decoding/core';
import type { EngineShape, HeldAs, SourceType, TensorRole } from '../engine.ts';
import { ABI_VERSION, FLAG, SOURCE, TENSOR, WEIGHTS } from './abi.ts';
import { Structs } from './structs.ts';

/** The ABI's numbers for our words. */
export const HELD: Readonly<Record<HeldAs, number>> = {
  bf16: WEIGHTS.JC_BF16,
  int8: WEIGHTS.JC_INT8,
  int4: WEIGHTS.JC_INT4,
  fp8: WEIGHTS.JC_FP8,
  fp16: WEIGHTS.JC_F16,
  q8_0: WEIGHTS.JC_Q8_0,
  q4_0: WEIGHTS.JC_Q4_0,
};

export const SOURCES: Readonly<Record<SourceType, number>> = {
  BF16: SOURCE.JC_SOURCE_BF16,
  F16: SOURCE.JC_SOURCE_F16,
  F32: SOURCE.JC_SOURCE_F32,
  Q8_0: SOURCE.JC_SOURCE_Q8_0,
  Q4_0: SOURCE.JC_SOURCE_Q4_0,
};

export const ROLES: Readonly<Record<TensorRole, number>> = {
  embedding: TENSOR.JC_EMBEDDING,
  output: TENSOR.JC_OUTPUT,
  'final-norm': TENSOR.JC_FINAL_NORM,
  'attention-norm': TENSOR.JC_ATTENTION_NORM,
  'feed-forward-norm': TENSOR.JC_FEED_FORWARD_NORM,
  q: TENSOR.JC_Q,
  k: TENSOR.JC_K,
  v: TENSOR.JC_V,
  o: TENSOR.JC_O,
  'q-bias': TENSOR.JC_Q_BIAS,
  'k-bias': TENSOR.JC_K_BIAS,
  'v-bias': TENSOR.JC_V_BIAS,
  'o-bias': TENSOR.JC_O_BIAS,
  'q-norm': TENSOR.JC_Q_NORM,
  'k-norm': TENSOR.JC_K_NORM,
  gate: TENSOR.JC_GATE,
  up: TENSOR.JC_UP,
  down: TENSOR.JC_DOWN,
};

export const STATES: Readonly<Record<HiddenState, number>> = { 'pre-norm': 0, 'post-norm': 1 };

/** `jc_model_config`; `frequencies` is where the shape's inverse frequencies lie. */
export function modelConfig(shape: EngineShape, frequencies: number): Structs {
  const flag = (is: boolean, value: number) => (is ? value : 0);
  return new Structs('jc_model_config').set({
    abi: ABI_VERSION,
    device: shape.device,
    weights: HELD[shape.heldAs],
    flags:
      flag(shape.tied, FLAG.JC_TIED) |
      flag(shape.qBias, FLAG.JC_Q_HAS_BIAS) |
      flag(shape.kBias, FLAG.JC_K_HAS_BIAS) |
      flag(shape.vBias, FLAG.JC_V_HAS_BIAS) |
      flag(shape.oBias, FLAG.JC_O_HAS_BIAS) |
      flag(shape.queryKeyNorm, FLAG.JC_QK_NORM),
    hidden: shape.hidden,
    layers: shape.layers,
    heads: shape.heads,
    kv_heads: shape.kvHeads,
    head_dim: shape.headDim,
    feed_forward: shape.feedForward,
    vocab_rows: shape.vocabRows,
    tokens: shape.tokens,
    context: shape.context,
    norm_epsilon: shape.normEpsilon,
    rope_scale: shape.ropeScale,
    fast_rows: shape.fastRows ?? 0,
    inverse_frequencies: frequencies,
  });
}
