export * from './browser.ts';
export { makeFolder } from './make-folder.ts';
export { nodeFiles, openNodeFile } from './node-files.ts';
export { type OpenCheckpointOptions, openCheckpoint } from './open-checkpoint.ts';
export { openSafetensors } from './open-safetensors.ts';
export { openTokenizer } from './open-tokenizer.ts';
export { type TensorToWrite, type WriteSafetensorsOptions, writeSafetensors } from './safetensors-writer.ts';
