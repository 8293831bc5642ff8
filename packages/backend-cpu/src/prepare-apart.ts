import type { Worker } from 'node:worker_threads';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import { receivedError, type SentError } from '@judge-decoding/ort-session/served';
import type { PreparedModel } from './prepare-model.ts';
import type { WorkerOptions } from './protocol.ts';
import { besides, startWorker } from './start-worker.ts';

/** What the thread that prepares a model says. */
export type Preparation =
  | { readonly kind: 'progress'; readonly progress: GraphProgress }
  | { readonly kind: 'prepared'; readonly prepared: PreparedModel }
  | { readonly kind: 'error'; readonly error: SentError };

/**
 * `prepareModel` in a thread of its own, gone before this resolves: a vocabulary of 150,000 tokens
 * makes 150 MB of objects, which are needed no more and which V8 would keep, for want of a reason to
 * look, until long after the weights have come on top of them.
 */
export async function prepareApart(
  options: WorkerOptions,
  onProgress: (progress: GraphProgress) => void,
): Promise<PreparedModel> {
  const worker = startWorker(besides('prepare-worker', import.meta.url), { options });
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  try {
    return await preparedBy(worker, onProgress);
  } finally {
    await exited;
  }
}

function preparedBy(worker: Worker, onProgress: (progress: GraphProgress) => void): Promise<PreparedModel> {
  const ended = (cause: Error) =>
    new JudgeDecodingError('device', `The thread that prepares the model has ended: ${cause.message}.`, {
      cause,
    });
  return new Promise((resolve, reject) => {
    worker.on('message', (said: Preparation) => {
      if (said.kind === 'progress') onProgress(said.progress);
      else if (said.kind === 'prepared') resolve(said.prepared);
      else reject(receivedError(said.error));
    });
    worker.on('error', (cause: Error) => reject(ended(cause)));
    worker.on('exit', (code) => reject(ended(new Error(`it exited with code ${code}`))));
  });
}
