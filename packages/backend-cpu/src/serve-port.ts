import type { MessagePort } from 'node:worker_threads';
import type { ServePort } from '@judge-decoding/ort-session/served';
import type { WorkerOptions } from './protocol.ts';

/** A worker's end of its line. */
export const servePort = (port: MessagePort): ServePort<WorkerOptions> => ({
  listen: (listener) => port.on('message', listener),
  send: (answer, transfer) => port.postMessage(answer, transfer),
  close: () => port.close(),
});
