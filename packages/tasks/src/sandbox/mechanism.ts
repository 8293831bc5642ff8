import type { Interpreter } from './interpreter.ts';
import type { Limits } from './limits.ts';

/** What keeps a program in. */
export type MechanismName = 'bubblewrap' | 'namespaces' | 'none';

/** A command line that runs an interpreter under a mechanism. */
export interface Confined {
  readonly command: string;
  readonly args: readonly string[];
}

export interface Mechanism {
  readonly name: MechanismName;
  /** For error messages and `env.json`: what exactly is used. */
  readonly detail: string;
  /** Programs are somebody else's: they see only what everybody may. */
  readonly asNobody: boolean;
  confine(interpreter: Interpreter, limits: Limits): Confined;
}

export const SCRATCH = '/scratch';

export function commandLine(parts: readonly string[]): Confined {
  const [command = '', ...args] = parts;
  return { command, args };
}

/** Folders of the system that programs are shown, read-only. Others do not exist for them. */
export const SYSTEM_FOLDERS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'] as const;

/** Devices that programs may open. */
export const DEVICES = ['null', 'zero', 'full', 'random', 'urandom'] as const;

/** All that a program finds in its environment. */
export const environmentOf = ({ env }: Interpreter): Readonly<Record<string, string>> => ({
  PATH: '/usr/bin:/bin',
  HOME: SCRATCH,
  TMPDIR: SCRATCH,
  ...env,
});

/** `prlimit` sets hard limits: none of them can be raised again from inside. */
export const underLimits = (
  prlimit: string,
  { memoryBytes, processes, milliseconds, scratchBytes }: Limits,
): readonly string[] => [
  prlimit,
  // of what can be written to, not of addresses: V8 reserves far more of those than it uses
  `--data=${memoryBytes}`,
  `--nproc=${processes}`,
  `--cpu=${Math.ceil(milliseconds / 1000) + 1}`,
  `--fsize=${scratchBytes}`,
  '--nofile=256',
  '--core=0',
  '--memlock=65536',
];

/** Become nobody: a user of the program's own, so that its processes are counted apart from everybody else's. */
export function asNobody(setpriv: string): readonly string[] {
  const user = 2_000_000 + Math.floor(Math.random() * 60_000);
  return [setpriv, `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
}
