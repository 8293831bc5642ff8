import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Runs a script in a fresh process with the loaders of this one; resolves to its stdout. A process
 * that fails is an error with what it wrote to stderr.
 */
export async function ownProcess(script: URL, args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [...process.execArgv, fileURLToPath(script), ...args], {
    maxBuffer: 1 << 26,
  });
  return stdout;
}
