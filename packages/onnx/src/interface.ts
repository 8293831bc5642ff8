export { DECODER_INPUTS, DECODER_OUTPUTS, type DecoderShape } from './decoder-interface.ts';
export { buildTail, TAIL, type TailRequest } from './tail.ts';
