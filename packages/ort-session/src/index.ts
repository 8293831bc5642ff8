export { type OpenOptions, ORT_OUTPUTS, openOrtModel } from './open.ts';
export type { GraphSource, OrtRuntime } from './runtime.ts';
