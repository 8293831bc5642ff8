import { setTimeout } from 'node:timers/promises';

/**
 * ONNX Runtime ends the whole process with an abort when the thread that it runs in is taken away. A
 * process that exits with models open, reading ahead perhaps, therefore lets each worker finish what
 * it is at and begin nothing more. Messages are of no use by then; both threads see a number.
 */
const RESTING = 0;
const WORKING = 1;
const GONE = 2;

/**
 * Milliseconds: a large model takes a few seconds to be opened. Waiting costs no time, as Node itself
 * joins the thread before it exits.
 */
const LONGEST_WAIT = 20_000;
const LOOK = 5;

export const restFlag = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

/** The worker's end: does `work`, unless the process is about to exit; then it never settles. */
export async function unlessGone(flag: Int32Array, work: () => Promise<void>): Promise<void> {
  if (Atomics.compareExchange(flag, 0, RESTING, WORKING) === GONE) return new Promise(() => {});
  try {
    await work();
  } finally {
    Atomics.store(flag, 0, RESTING);
    Atomics.notify(flag, 0);
  }
}

/** The main thread's end: blocks until the worker rests, for good then. False where that took too long. */
export function waitForRest(flag: Int32Array, longest = LONGEST_WAIT): boolean {
  while (Atomics.compareExchange(flag, 0, RESTING, GONE) === WORKING) {
    if (Atomics.wait(flag, 0, WORKING, longest) === 'timed-out') return false;
  }
  return true;
}

/** The same without blocking, for as long as it takes; keeps no process alive. */
export async function untilRest(flag: Int32Array): Promise<void> {
  while (Atomics.compareExchange(flag, 0, RESTING, GONE) === WORKING) {
    await setTimeout(LOOK, undefined, { ref: false });
  }
}

/** The workers of this process: it exits once, and one listener for each would be too many. */
const open = new Set<Int32Array>();
const onExit = (): void => {
  for (const flag of open) waitForRest(flag);
};

/** Waits for a worker when the process exits; call what comes back once the worker is gone. */
export function restAtExit(flag: Int32Array): () => void {
  if (open.size === 0) process.on('exit', onExit);
  open.add(flag);
  return () => {
    open.delete(flag);
    if (open.size === 0) process.off('exit', onExit);
  };
}
