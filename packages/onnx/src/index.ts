export {
  buildDecoder,
  type DecoderDtype,
  type DecoderGraph,
  type DecoderOptions,
  decoderShape,
} from './decoder.ts';
export { DECODER_INPUTS, DECODER_OUTPUTS, type DecoderShape } from './decoder-interface.ts';
export type { BuiltGraph, ExternalTensor } from './graph.ts';
export { buildTail, TAIL, type TailRequest } from './tail.ts';
