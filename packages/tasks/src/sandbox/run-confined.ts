import { spawn } from 'node:child_process';
import type { Limits } from './limits.ts';
import type { Confined } from './mechanism.ts';
import { useOfTree } from './process-tree.ts';
import type { Ending, ProgramResult } from './run-program.ts';

/** How often memory and processes are looked at, milliseconds. */
const LOOK_EVERY = 50;
/** Processes of the mechanism itself. */
const OF_THE_MECHANISM = 4;

/** Runs a command, feeds it `source`, and ends it with everything below it where it passes a limit. */
export function runConfined(
  { command, args }: Confined,
  source: string,
  limits: Limits,
): Promise<ProgramResult> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    // a group of its own: what ends it ends all of it; no variable of ours goes in
    const child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
      env: {},
      cwd: '/',
    });
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
    let room = limits.outputBytes;
    let endedBy: Exclude<Ending, 'exited'> | undefined;
    const end = (why: Exclude<Ending, 'exited'>) => {
      if (endedBy !== undefined) return;
      endedBy = why;
      killAll(child.pid);
      // a process that left the group may hold the pipes: nobody waits for it
      child.stdout.destroy();
      child.stderr.destroy();
    };
    for (const name of ['stdout', 'stderr'] as const)
      child[name].on('data', (part: Buffer) => {
        if (room > 0) output[name].push(part.subarray(0, room));
        room -= part.length;
        if (room < 0) end('output');
      });
    const timer = setTimeout(() => end('timeout'), limits.milliseconds);
    const stopWatching = watch(child.pid, limits, end);
    const settle = () => {
      clearTimeout(timer);
      stopWatching();
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('close', (code) => {
      settle();
      killAll(child.pid);
      resolve({
        ending: endedBy ?? 'exited',
        ...(endedBy === undefined ? { exitCode: code ?? -1 } : {}),
        stdout: Buffer.concat(output.stdout).toString('utf8'),
        stderr: Buffer.concat(output.stderr).toString('utf8'),
        milliseconds: performance.now() - started,
      });
    });
    // a program that reads none of it closes the pipe
    child.stdin.on('error', () => undefined);
    child.stdin.end(source);
  });
}

/** Killing the outermost process takes the whole process namespace with it. */
function killAll(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // all of it is gone already
  }
}

/** Looks at the tree from outside until it is told to stop. */
function watch(
  pid: number | undefined,
  limits: Limits,
  end: (why: 'memory' | 'processes') => void,
): () => void {
  let stopped = pid === undefined || process.platform !== 'linux';
  const look = async () => {
    const most = limits.processes + OF_THE_MECHANISM;
    while (!stopped) {
      const { processes, bytes } = await useOfTree(pid!, most);
      if (stopped) return;
      if (processes > most) end('processes');
      else if (bytes > limits.memoryBytes) end('memory');
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
    }
  };
  look().catch(() => undefined);
  return () => {
    stopped = true;
  };
}
