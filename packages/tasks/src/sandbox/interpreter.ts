import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Language } from './run-program.ts';

const run = promisify(execFile);

/** What runs programs of one language. The program comes on standard input. */
export interface Interpreter {
  readonly command: string;
  readonly args: readonly string[];
  /** Folders that it reads from, besides /usr. */
  readonly folders: readonly string[];
  /** Environment that it needs. */
  readonly env: Readonly<Record<string, string>>;
}

/** The first executable of that name in PATH. */
export async function findExecutable(
  name: string,
  path: string = process.env.PATH ?? '',
): Promise<string | undefined> {
  for (const folder of [...path.split(delimiter), '/usr/bin', '/bin', '/usr/sbin', '/sbin']) {
    if (folder === '') continue;
    const candidate = join(folder, name);
    if (
      await access(candidate, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return candidate;
  }
  return undefined;
}

export interface InterpreterOptions {
  /** Memory that V8 may fill with objects. */
  readonly heapBytes: number;
  /** It will be run by somebody who may read only what everybody may. */
  readonly forEverybody: boolean;
}

export const findInterpreter = (language: Language, options: InterpreterOptions): Promise<Interpreter> =>
  language === 'python' ? findPython(options) : findNode(options);

/** Whether everybody may go into every folder on the way to it. */
async function isForEverybody(path: string): Promise<boolean> {
  for (let at = path; ; at = dirname(at)) {
    const { mode } = await stat(at);
    if ((mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

const ASK =
  'import os, sys; print(os.path.realpath(sys.executable)); print(sys.base_prefix); print(sys.base_exec_prefix)';

/**
 * What `python3` really is: shims and virtual environments lead to an installation, which is what is
 * shown to programs. The first in PATH, or the system's where that one is root's alone.
 */
async function findPython({ forEverybody }: InterpreterOptions): Promise<Interpreter> {
  const first = (await findExecutable('python3')) ?? (await findExecutable('python'));
  if (first === undefined)
    throw new JudgeDecodingError(
      'not-found',
      'Expected python3 in PATH for programs in Python, found none. Install Python 3, or choose a benchmark without Python programs.',
    );
  for (const found of new Set([first, '/usr/bin/python3'])) {
    const [command, ...folders] = await installationOf(found);
    if (command === undefined || (forEverybody && !(await isForEverybody(command)))) continue;
    return {
      command,
      // no site packages, no environment, no files of the current folder: the standard library alone
      args: ['-I', '-S', '-B', '-'],
      folders: folders.filter((folder) => !isBelowUsr(folder)),
      env: { LANG: 'C.UTF-8', PYTHONHASHSEED: '0' },
    };
  }
  throw new JudgeDecodingError(
    'unsupported',
    `Expected a Python 3 that everybody may run, \`${first}\` is ${forEverybody ? 'in a folder of root’s' : 'none'}. Programs are never run as root: install one in /usr, or run this as another user.`,
  );
}

/** The executable, and the folders of its library. */
async function installationOf(python: string): Promise<readonly string[]> {
  const { stdout } = await run(python, ['-I', '-c', ASK], { timeout: 30_000 }).catch(() => ({ stdout: '' }));
  return stdout.split('\n').filter((line) => line !== '');
}

async function findNode({ heapBytes, forEverybody }: InterpreterOptions): Promise<Interpreter> {
  const command = await realpath(process.execPath);
  if (forEverybody && !(await isForEverybody(command)))
    throw new JudgeDecodingError(
      'unsupported',
      `Expected a Node that everybody may run, \`${command}\` is in a folder of root’s. Programs are never run as root: install Node in /usr, or run this as another user.`,
    );
  const heap = Math.max(16, Math.floor(heapBytes / 2 ** 20 / 2));
  return {
    command,
    args: [`--max-old-space-size=${heap}`, '--input-type=commonjs', '-'],
    folders: isBelowUsr(command) ? [] : [dirname(command)],
    env: { LANG: 'C.UTF-8' },
  };
}

const isBelowUsr = (path: string): boolean => path === '/usr' || path.startsWith('/usr/');
