import type { JudgeHead } from '../src/index.ts';

/** A head of two terms. */
export const head: JudgeHead = {
  terms: [
    { layer: 'last', state: 'pre-norm', row: 'own', weights: Float32Array.of(1, -2, 3.5, 0.25) },
    { layer: 'last', state: 'post-norm', row: 'previous', weights: Float32Array.of(0, 1e-7, -1e7, 5) },
  ],
  bias: -0.75,
  threshold: 0.8,
  hiddenSize: 4,
  provenance: {
    model: 'pocket-target · größer',
    fingerprint: { architecture: 'a1', tokenizer: 't1', weights: 'w1' },
    dtype: 'fp32',
    data: 'd1',
    metrics: { rocAuc: 0.97 },
    calibration: [{ threshold: 0.5, wrongStopped: 0.9, correctAdmitted: 0.99 }],
    made: { labels: 'by hand' },
  },
};

/** The same, measured in other types of weights. */
export const measured: JudgeHead = {
  ...head,
  provenance: {
    ...head.provenance,
    measured: [
      { dtype: 'int8', threshold: 0.6, metrics: { rocAuc: 0.95 }, calibration: [] },
      { dtype: 'int8', device: 'cuda', threshold: 0.7, metrics: {}, calibration: [] },
      { dtype: 'bf16', device: 'cuda', threshold: 0.9, metrics: {}, calibration: [] },
    ],
  },
};
