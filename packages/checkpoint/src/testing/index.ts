export { checkedSteps, checkedTokenizer } from './checked-tokenizer.ts';
export { type GgufEntry, type GgufTensorToWrite, type GgufToWrite, ggufBytes } from './gguf-writer.ts';
export { makeTinyCheckpoint, type TinyCheckpoint, type TinyCheckpointOptions } from './tiny-checkpoint.ts';
export { makeTinyGguf, type TinyGgufOptions, tinyGgufParts } from './tiny-gguf.ts';
export { makeTinyTokenizer, TINY_CHAT_TEMPLATE, type TinyTokenizer } from './tiny-tokenizer.ts';
