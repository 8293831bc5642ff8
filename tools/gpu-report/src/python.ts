import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JudgeDecodingError } from '@judge-decoding/core';

/**
 * What a script of `reference/` prints, run by the Python that PYTHON names.
 *
 * @throws `not-found` where the script is not there, `device` with the script's last lines where it fails.
 */
export function runPython(name: string, options: readonly string[]): string {
  const python = process.env.PYTHON ?? 'python3';
  const { status, stdout, stderr, error } = spawnSync(python, [script(name), ...options], {
    encoding: 'utf8',
  });
  if (error !== undefined || status !== 0) {
    const why = error?.message ?? (stderr.trim().split('\n').slice(-4).join(' ') || `exit code ${status}`);
    throw new JudgeDecodingError(
      'device',
      `Expected ${python} (PYTHON names it) to run ${name}, got: ${why}.`,
    );
  }
  return stdout;
}

/** Beside the bundled program, else in the repository. */
function script(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const path = [join(here, name), join(here, '../reference', name)].find((file) => existsSync(file));
  if (path === undefined) throw new JudgeDecodingError('not-found', `Expected ${name} beside ${here}.`);
  return path;
}
