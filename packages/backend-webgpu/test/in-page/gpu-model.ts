import type { TinyCheckpointOptions } from '@judge-decoding/checkpoint/testing';

/** Heads that turn in the operator of attention. Models of one shape share what was translated for them. */
export const GPU_MODEL: TinyCheckpointOptions = {
  layers: 1,
  // a tile of a product, which is all of a pass that takes long there
  hiddenSize: 32,
  intermediateSize: 32,
  attentionHeads: 4,
  keyValueHeads: 2,
  headDim: 16,
  attentionBias: true,
};
