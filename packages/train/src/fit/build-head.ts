import type { JudgeHead, ModelInfo } from '@judge-decoding/core';
import type { HeadShape } from './examples.ts';
import type { LinearModel } from './linear-model.ts';
import type { Recalibration } from './platt.ts';

/** A recalibrated model: sigmoid(slope (w x + b) + intercept) is again linear in x. */
export const recalibrated = (
  { weights, bias }: LinearModel,
  { slope, intercept }: Recalibration,
): LinearModel => ({
  weights: weights.map((weight) => slope * weight),
  bias: slope * bias + intercept,
});

/** A head that scores as the model does, on the states of `shape`; weights become float32. */
export function buildHead(
  { weights, bias }: LinearModel,
  { terms }: HeadShape,
  { hiddenSize, name, fingerprint, dtype }: ModelInfo,
  facts: Pick<JudgeHead['provenance'], 'data' | 'metrics' | 'calibration'> & { readonly threshold: number },
): JudgeHead {
  const { threshold, ...known } = facts;
  return {
    terms: terms.map(({ state, row }, t) => ({
      layer: 'last',
      state,
      row,
      weights: Float32Array.from(weights.subarray(t * hiddenSize, (t + 1) * hiddenSize)),
    })),
    bias,
    threshold,
    hiddenSize,
    provenance: { model: name, fingerprint, dtype, ...known },
  };
}
