export { makeTinyCheckpoint, type TinyCheckpoint, type TinyCheckpointOptions } from './tiny-checkpoint.ts';
export { makeTinyTokenizer, TINY_CHAT_TEMPLATE, type TinyTokenizer } from './tiny-tokenizer.ts';
