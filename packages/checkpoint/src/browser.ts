export {
  blobFile,
  type DirectoryHandle,
  directoryFiles,
  type PickedFile,
  pickedModel,
} from './blob-files.ts';
export { BLOCK_SHAPES, type BlockShape, isBlockType } from './block-shapes.ts';
export { type ByteFile, isByteFile, type ModelFiles, type ModelSource } from './byte-file.ts';
export type { Checkpoint, GenerationDefaults } from './checkpoint.ts';
export { type DecoderFeature, decoderFeatures } from './decoder-features.ts';
export { type ExpectedTensor, expectedTensors } from './expected-tensors.ts';
export { architectureFingerprint, portableSha256, type Sha256 } from './fingerprints.ts';
export { firstDifference, type VocabularyDifference } from './first-difference.ts';
export { widenBlocks } from './gguf/widen-blocks.ts';
export { type LayerAttention, layerAttention } from './layer-attention.ts';
export type {
  Architecture,
  AttentionBias,
  FamilyName,
  ModelConfig,
  Rope,
  RopeScaling,
  SlidingWindow,
  WeightType,
} from './model-config.ts';
export { type FloatType, narrow, widen } from './number-formats.ts';
export { type OpenSourceOptions, openCheckpointFrom, openTokenizerFrom } from './open-source.ts';
export { inverseFrequencies } from './rope.ts';
export { type OpenTensors, safetensorsOf } from './safetensors-file.ts';
export { stopConditions } from './stop-conditions.ts';
export type {
  BlockType,
  ElementType,
  RowRange,
  TensorInfo,
  TensorSource,
  TensorType,
} from './tensor-source.ts';
export { createTextStream, type TextStream, type TextStreamOptions } from './text-stream.ts';
export type { ChatMessage, ChatOptions, EncodeOptions, Tokenizer } from './tokenizer.ts';
export { type FetchOptions, openUrl, urlFiles, urlModel } from './url-files.ts';
