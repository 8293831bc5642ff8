import { parentPort, workerData } from 'node:worker_threads';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import { type ServeOptions, serve } from '@judge-decoding/ort-session/served';
import type { CpuDetails, WorkerOptions } from './protocol.ts';
import { unlessGone } from './rest.ts';

/** A worker's whole work: serves the model that `open` opens; `around` is given the work on each question. */
export function serveInWorker(
  open: ServeOptions<WorkerOptions, CpuDetails, GraphProgress>['open'],
  around: (work: () => Promise<void>) => Promise<void> = (work) => work(),
): void {
  const { rest } = workerData as { readonly rest: Int32Array };
  const port = parentPort!;
  serve<WorkerOptions, CpuDetails, GraphProgress>(
    {
      listen: (listener) => port.on('message', listener),
      send: (answer, transfer) => port.postMessage(answer, transfer),
      close: () => port.close(),
    },
    { open, now: () => performance.now(), during: (work) => unlessGone(rest, () => around(work)) },
  );
}
