import { JudgeDecodingError } from '@judge-decoding/core';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import type { Line, Opened } from '@judge-decoding/ort-session/served';
import type { CpuDetails, WorkerOptions } from './protocol.ts';
import { raise, stopFlag } from './stop-flag.ts';
import { WorkerLine } from './worker-line.ts';

/** A part of a graph is written faster than this; what takes longer writes nothing. */
const GIVE_UP_MS = 2000;

export interface OpenInWorkerOptions extends Omit<WorkerOptions, 'location' | 'stop'> {
  readonly onProgress?: (progress: GraphProgress) => void;
  readonly signal?: AbortSignal | undefined;
}

/** Opens a model in a worker of its own: the usual one, or another module that serves a model. */
export async function openInWorker(
  location: string,
  { onProgress, signal, ...options }: OpenInWorkerOptions,
  worker?: URL,
): Promise<{ readonly opened: Opened<CpuDetails>; readonly line: Line }> {
  if (signal?.aborted) throw givenUp(location, signal.reason);
  const line = new WorkerLine(onProgress, worker);
  const stop = stopFlag();
  const opening = line.ask({ kind: 'open', options: { ...options, location, stop } });
  const settled = opening.then(
    () => undefined,
    () => undefined,
  );
  try {
    const opened = signal === undefined ? await opening : await unlessAborted(opening, signal);
    return { opened: opened as Opened<CpuDetails>, line };
  } catch (error) {
    if (JudgeDecodingError.is(error, 'aborted')) {
      raise(stop);
      await Promise.race([settled, new Promise((resolve) => setTimeout(resolve, GIVE_UP_MS).unref())]);
      // native code is not interrupted: nobody should wait for it
      void line.abandon();
      throw givenUp(location, signal?.reason);
    }
    await line.kill();
    throw error;
  }
}

/** Rejects with code `aborted` as soon as the signal says so. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(new JudgeDecodingError('aborted', 'Interrupted.', { cause: signal.reason }));
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

const givenUp = (location: string, cause: unknown) =>
  new JudgeDecodingError('aborted', `Opening \`${location}\` was interrupted.`, { cause });
