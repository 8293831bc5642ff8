import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Run } from './run.ts';

/**
 * Exit code and output of one of NVIDIA's tools, which come with CUDA's toolkit, run with these arguments.
 *
 * @throws `not-found` where it is not on the PATH.
 */
export async function runTool(
  name: string,
  argv: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly status: number | null; readonly text: string }> {
  const child = spawn(name, argv, { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } });
  const stop = () => child.kill();
  process.once('SIGTERM', stop);
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  try {
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, text };
  } catch (error) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected ${name} on the PATH (it comes with CUDA's toolkit), got: ${(error as Error).message}.`,
    );
  } finally {
    process.off('SIGTERM', stop);
  }
}

/** Words that run this program again, with these arguments, on the run's device and with its library. */
export function thisProgram({ device }: Pick<Run, 'device'>, argv: readonly string[]): readonly string[] {
  const program = [process.execPath, ...process.execArgv, process.argv[1]!];
  return [...program, ...argv, '--device', device, ...libraryOf(process.argv)];
}

/** `--library FILE` as this run was given it. */
export function libraryOf(argv: readonly string[]): readonly string[] {
  const at = argv.findIndex((word) => word === '--library' || word.startsWith('--library='));
  return at < 0 ? [] : argv.slice(at, argv[at] === '--library' ? at + 2 : at + 1);
}
