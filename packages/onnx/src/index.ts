export {
  buildDecoder,
  type DecoderGraph,
  type DecoderOptions,
  decoderShape,
} from './decoder.ts';
export { decoderInfo, defaultThreads, deviceChunk, parametersOf } from './decoder-info.ts';
export { DECODER_INPUTS, DECODER_OUTPUTS, type DecoderShape, DRAFT_LOOP } from './decoder-interface.ts';
export type { Provider } from './decoder-weights.ts';
export { buildDeviceDecoder } from './device-decoder.ts';
export { DEVICE_INPUTS, DEVICE_OUTPUTS } from './device-interface.ts';
export { buildDraftLoop, type DraftLoopOptions, hasDraftLoop } from './draft-loop.ts';
export { type BuiltGraph, type ExternalTensor, GraphBuilder, type WeightSource } from './graph.ts';
export { selfTestModel } from './self-test-model.ts';
export { buildTail, TAIL, type TailRequest } from './tail.ts';
export { buildTransformersDecoder } from './transformers-form.ts';
export { DECODER_DTYPES, type DecoderDtype, floatsFit, type RunDtype } from './weight-dtype.ts';
export {
  type GraphProgress,
  type WriteOptions,
  weightsInMemory,
  weightsSize,
  writeParts,
} from './weight-parts.ts';
export type { CarriedWeights, WeightsReport } from './weights-report.ts';
