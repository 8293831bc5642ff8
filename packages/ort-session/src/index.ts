export { checkLength, checkOutputs, checkPropose, checkTokens } from './checks.ts';
export { OrtModel } from './model.ts';
export { type OpenOptions, ORT_OUTPUTS, openOrtModel } from './open.ts';
export type { OrtRuntime } from './runtime.ts';
export { OrtSession } from './session.ts';
export { WorkPermit } from './work-permit.ts';
