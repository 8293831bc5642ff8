import {
  type HiddenName,
  invalidOption,
  type JudgeHead,
  type ModelInfo,
  termStateOf,
} from '@judge-decoding/core';
import type { FeatureName } from '../features/feature-shard.ts';
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
  facts: Pick<JudgeHead['provenance'], 'data' | 'metrics' | 'calibration' | 'made'> & {
    readonly threshold: number;
  },
): JudgeHead {
  const { threshold, ...known } = facts;
  return {
    terms: terms.map(({ state, row }, t) => ({
      ...termStateOf(ofTarget(state)),
      row,
      weights: Float32Array.from(weights.subarray(t * hiddenSize, (t + 1) * hiddenSize)),
    })),
    bias,
    threshold,
    hiddenSize,
    provenance: { model: name, fingerprint, dtype, ...known },
  };
}

/** A head reads the target alone: what the draft knows can be measured, and not be carried along. */
function ofTarget(state: FeatureName): HiddenName {
  if (!state.startsWith('draft-')) return state as HiddenName;
  throw invalidOption('shape', 'of states of the target', state);
}
