export { DEFAULT_LIMITS, type Limits } from './limits.ts';
export type { MechanismName } from './mechanism.ts';
export { openSandbox, type Sandbox, type SandboxOptions } from './open-sandbox.ts';
export type { Ending, Language, Program, ProgramResult, RunProgram } from './run-program.ts';
