import { spawn } from 'node:child_process';

/** This very command, with more arguments, once for each part; the first failure ends the others. */
export async function inProcesses(jobs: number, ...more: readonly string[]): Promise<void> {
  const children = Array.from({ length: jobs }, (_, part) =>
    spawn(
      process.execPath,
      [...process.execArgv, ...process.argv.slice(1), ...more, '--part', String(part)],
      {
        stdio: ['ignore', 'inherit', 'inherit'],
      },
    ),
  );
  try {
    await Promise.all(
      children.map(
        (child, part) =>
          new Promise<void>((resolve, reject) => {
            child.on('error', reject);
            child.on('exit', (code) =>
              code === 0 ? resolve() : reject(new Error(`Part ${part} ended with code ${code}.`)),
            );
          }),
      ),
    );
  } finally {
    for (const child of children) child.kill();
  }
}
