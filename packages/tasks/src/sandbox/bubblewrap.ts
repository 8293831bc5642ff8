import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import type { Interpreter } from './interpreter.ts';
import type { Limits } from './limits.ts';
import {
  type Confined,
  commandLine,
  DEVICES,
  environmentOf,
  type Mechanism,
  SCRATCH,
  SYSTEM_FOLDERS,
  underLimits,
} from './mechanism.ts';

export interface BubblewrapTools {
  readonly bwrap: string;
  readonly prlimit: string;
  /** Runs bubblewrap as another user; for root, whose processes no limit counts. */
  readonly asNobody?: () => readonly string[];
}

/** Namespaces, mounts and the rest are bubblewrap's work: what Flatpak runs programs in. */
export const bubblewrap = (tools: BubblewrapTools): Mechanism => ({
  name: 'bubblewrap',
  detail: `${tools.bwrap}${tools.asNobody ? ', as a user of its own' : ''}`,
  asNobody: tools.asNobody !== undefined,
  confine: (interpreter, limits) => confine(tools, interpreter, limits),
});

function confine(
  { bwrap, prlimit, asNobody }: BubblewrapTools,
  interpreter: Interpreter,
  limits: Limits,
): Confined {
  return commandLine([
    ...(asNobody?.() ?? []),
    bwrap,
    '--unshare-user',
    '--uid',
    '65534',
    '--gid',
    '65534',
    '--unshare-pid',
    '--unshare-net',
    '--unshare-ipc',
    '--unshare-uts',
    '--unshare-cgroup-try',
    // no namespaces inside: in one of its own a program could mount memory that nobody counts
    '--disable-userns',
    '--die-with-parent',
    '--new-session',
    '--hostname',
    'sandbox',
    '--clearenv',
    ...Object.entries(environmentOf(interpreter)).flatMap(([name, value]) => ['--setenv', name, value]),
    ...SYSTEM_FOLDERS.flatMap(systemFolder),
    ...interpreter.folders.flatMap((folder) => ['--ro-bind', folder, folder]),
    '--tmpfs',
    '/dev',
    ...DEVICES.flatMap((name) => ['--dev-bind', `/dev/${name}`, `/dev/${name}`]),
    '--remount-ro',
    '/dev',
    '--perms',
    '1777',
    '--size',
    String(limits.scratchBytes),
    '--tmpfs',
    SCRATCH,
    '--symlink',
    SCRATCH,
    '/tmp',
    '--remount-ro',
    '/',
    '--chdir',
    SCRATCH,
    '--',
    ...underLimits(prlimit, limits),
    interpreter.command,
    ...interpreter.args,
  ]);
}

/** Where /lib leads to /usr/lib, it shall do so inside, too. */
function systemFolder(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return lstatSync(folder).isSymbolicLink()
    ? ['--symlink', readlinkSync(folder), folder]
    : ['--ro-bind', folder, folder];
}
