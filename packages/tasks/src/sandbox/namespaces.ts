import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

export interface NamespaceTools {
  readonly unshare: string;
  readonly prlimit: string;
  readonly setpriv: string;
  /** Runs everything as another user; for root, whose processes no limit counts. */
  readonly asNobody?: () => readonly string[];
}

/**
 * The same with the tools of util-linux, where bubblewrap is not installed: new namespaces for users,
 * mounts, processes, network and the rest; a root of its own in memory into which /usr is mounted
 * read-only; every capability dropped before the program starts.
 */
export const namespaces = (tools: NamespaceTools): Mechanism => ({
  name: 'namespaces',
  detail: `${tools.unshare}, ${tools.setpriv} and ${tools.prlimit}${tools.asNobody ? ', as a user of its own' : ''}`,
  asNobody: tools.asNobody !== undefined,
  confine: (interpreter, limits) => confine(tools, interpreter, limits),
});

function confine(tools: NamespaceTools, interpreter: Interpreter, limits: Limits): Confined {
  const { unshare, prlimit, setpriv, asNobody } = tools;
  const environment = Object.entries(environmentOf(interpreter)).map(([name, value]) => `${name}=${value}`);
  const program = [
    setpriv,
    '--no-new-privs',
    '--inh-caps=-all',
    '--bounding-set=-all',
    '/usr/bin/env',
    '-i',
    ...environment,
    ...underLimits(prlimit, limits),
    interpreter.command,
    ...interpreter.args,
  ];
  return commandLine([
    ...(asNobody?.() ?? []),
    unshare,
    '--user',
    '--map-root-user',
    '--mount',
    '--pid',
    '--net',
    '--ipc',
    '--uts',
    '--fork',
    '--kill-child=SIGKILL',
    '/bin/sh',
    '-euc',
    script(interpreter, limits, tmpdir()),
    'sandbox',
    ...program,
  ]);
}

/** Builds the root, goes into it, and becomes the program. Everything is quoted; nothing comes from the program. */
function script(interpreter: Interpreter, { scratchBytes }: Limits, place: string): string {
  const links = SYSTEM_FOLDERS.filter((folder) => existsSync(folder) && lstatSync(folder).isSymbolicLink());
  const folders = [
    ...SYSTEM_FOLDERS.filter((folder) => existsSync(folder) && !links.includes(folder)),
    ...interpreter.folders,
  ];
  return [
    // no namespaces inside: in one of its own a program could mount memory that nobody counts
    'echo 0 > /proc/sys/user/max_user_namespaces',
    `mount -t tmpfs -o size=1m,mode=755,nosuid,nodev sandbox ${quoted(place)}`,
    `cd ${quoted(place)}`,
    ...folders.flatMap((folder) => [
      `mkdir -p ${quoted(`.${folder}`)}`,
      `mount --rbind ${quoted(folder)} ${quoted(`.${folder}`)}`,
      `mount -o remount,bind,ro,nosuid,nodev ${quoted(`.${folder}`)}`,
    ]),
    ...links.map((folder) => `ln -s ${quoted(readlinkSync(folder))} ${quoted(`.${folder}`)}`),
    'mkdir dev',
    ...DEVICES.flatMap((name) => [`: > dev/${name}`, `mount --bind /dev/${name} dev/${name}`]),
    `mkdir .${SCRATCH} old proc`,
    // umount looks into /proc
    'mount --rbind /proc proc',
    `ln -s ${SCRATCH} tmp`,
    `mount -t tmpfs -o size=${scratchBytes},mode=1777,nosuid,nodev scratch .${SCRATCH}`,
    'hostname sandbox',
    'mount -o remount,bind,ro,nosuid,nodev .',
    'pivot_root . old',
    'cd /',
    'umount -l /old',
    'umount -l /proc',
    `cd ${SCRATCH}`,
    'exec "$@"',
  ].join('\n');
}

const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
