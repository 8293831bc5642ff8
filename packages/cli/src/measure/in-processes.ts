import { type ChildProcess, fork } from 'node:child_process';
import { JudgeDecodingError } from '@judge-decoding/core';
import { EXIT } from '../exit-code.ts';
import type { World } from '../world.ts';

interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Whether another process started this one to write one part of its rows. */
export const isOneOfMany = (): boolean => process.send !== undefined && process.env[MARK] !== undefined;

const MARK = 'JUDGE_ONE_OF_MANY';

/** Says how far this part is. */
export function tellStarter(progress: Progress): void {
  if (isOneOfMany() && process.connected) process.send!(progress);
}

/** Without the one who asked there is nobody to go on for, whatever this part is at: a row is written whole or not. */
export function endWithStarter(): void {
  if (!isOneOfMany()) return;
  process.on('disconnect', () => process.exit(EXIT.interrupted));
  process.channel?.unref();
}

/**
 * Runs the same command once for each part, in processes of their own, and waits for all of them. The first that
 * fails stops the others; what they wrote is kept, and the same command goes on from there.
 */
export async function inProcesses(
  count: number,
  argv: readonly string[],
  { terminal, script = process.argv[1]! }: World,
  {
    signal,
    onProgress,
  }: { readonly signal: AbortSignal; readonly onProgress: (done: number, total: number) => void },
): Promise<void> {
  const progress = new Map<number, Progress>();
  const children: ChildProcess[] = [];
  const stop = () => {
    for (const child of children) child.kill('SIGTERM');
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    await Promise.all(
      Array.from({ length: count }, (_, part) => {
        const child = fork(script, [...withoutProcesses(argv), '--shard', `${part + 1}/${count}`], {
          stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
          env: { ...terminal.env, [MARK]: '1' },
        });
        children.push(child);
        child.on('message', (message) => {
          progress.set(part, message as Progress);
          const sum = (of: keyof Progress) =>
            [...progress.values()].reduce((total, one) => total + one[of], 0);
          onProgress(sum('done'), sum('total'));
        });
        return ended(child, part, count);
      }),
    );
  } catch (error) {
    stop();
    throw signal.aborted ? new JudgeDecodingError('aborted', 'Interrupted.') : error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function ended(child: ChildProcess, part: number, count: number): Promise<void> {
  let said = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    // the last words are the reason
    said = `${said}${text}`.slice(-2000);
  });
  return new Promise((resolve, reject) => {
    const failed = (how: string) => {
      const reason =
        said
          .trim()
          .split('\n')
          .at(-1)
          ?.replace(/^error: /, '') ?? '';
      reject(new JudgeDecodingError('io', `Process ${part + 1} of ${count} ${how}. ${reason}`.trim()));
    };
    child.on('error', ({ message }) => failed(`could not be started: ${message}`));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else failed(code === null ? `was killed (${signal})` : `ended with code ${code}`);
    });
  });
}

function withoutProcesses(argv: readonly string[]): readonly string[] {
  return argv.filter(
    (word, index) =>
      word !== '--processes' && !word.startsWith('--processes=') && argv[index - 1] !== '--processes',
  );
}
