import { type Question, serve } from '@judge-decoding/ort-session/served';
import { openModel } from './open-model.ts';
import type { ModelDetails, OpenProgress, WorkerOptions } from './protocol.ts';

/** What is used of a worker's own global object. */
interface Worker {
  onmessage: ((event: { readonly data: Question<WorkerOptions> }) => void) | null;
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  close(): void;
}

const self = globalThis as unknown as Worker;

serve<WorkerOptions, ModelDetails, OpenProgress>(
  {
    listen: (listener) => {
      self.onmessage = ({ data }) => listener(data);
    },
    send: (answer, transfer) => self.postMessage(answer, transfer),
    close: () => self.close(),
  },
  { open: openModel, now: () => performance.now() },
);
