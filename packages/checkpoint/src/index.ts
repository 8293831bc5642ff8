export type { Checkpoint, GenerationDefaults } from './checkpoint.ts';
export type {
  Architecture,
  AttentionBias,
  ModelConfig,
  Rope,
  RopeScaling,
  WeightType,
} from './model-config.ts';
export type { RowRange, TensorInfo, TensorSource, TensorType } from './tensor-source.ts';
export type { ChatMessage, ChatOptions, EncodeOptions, Tokenizer } from './tokenizer.ts';
