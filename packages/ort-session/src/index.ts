export { type OpenOptions, ORT_OUTPUTS, openOrtModel } from './open.ts';
export type { OrtRuntime } from './runtime.ts';
