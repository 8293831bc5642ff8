export { DECODER_INPUTS, DECODER_OUTPUTS, type DecoderShape, DRAFT_LOOP } from './decoder-interface.ts';
export { DEVICE_INPUTS, DEVICE_OUTPUTS } from './device-interface.ts';
export { buildTail, TAIL, type TailRequest } from './tail.ts';
