import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';

/**
 * ONNX Runtime's WebGPU provider has one command encoder for all sessions of a process, and nothing that keeps threads apart: two
 * passes at once end in errors of validation, or end the process. So the workers of models take turns.
 */
const KEY = '@judge-decoding/backend-webgpu: turn';
const FREE = 0;
const TAKEN = 1;

/** In the thread that starts workers: those that it starts from now on, and theirs, share one turn. */
export function shareTurn(): void {
  if (getEnvironmentData(KEY) === undefined)
    setEnvironmentData(KEY, new Int32Array(new SharedArrayBuffer(4)));
}

/** In a worker: does `work` when no other thread is at its own; blocks the thread until then. */
export async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  const turn = getEnvironmentData(KEY) as Int32Array | undefined;
  if (turn === undefined) return work();
  while (Atomics.compareExchange(turn, 0, FREE, TAKEN) !== FREE) Atomics.wait(turn, 0, TAKEN);
  try {
    return await work();
  } finally {
    Atomics.store(turn, 0, FREE);
    Atomics.notify(turn, 0, 1);
  }
}
