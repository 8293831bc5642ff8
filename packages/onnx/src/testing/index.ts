export { type FoldedForm, foldedForm } from '../folded-offsets.ts';
export { GraphBuilder } from '../graph.ts';
export { GGUF_TYPES, randomBlocks } from './random-blocks.ts';
export { roundedTensors } from './rounded-tensors.ts';
