import type { TinyCheckpointOptions } from '@judge-decoding/checkpoint/testing';

/** Heads that turn in the operator of attention. Models of one shape share what was translated for them. */
export const GPU_MODEL: TinyCheckpointOptions = {
  layers: 1,
  hiddenSize: 64,
  attentionHeads: 4,
  keyValueHeads: 2,
  attentionBias: true,
};
