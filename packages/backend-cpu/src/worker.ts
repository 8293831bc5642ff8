import { parentPort, workerData } from 'node:worker_threads';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import { serve } from '@judge-decoding/ort-session/served';
import { openModel } from './open-model.ts';
import type { CpuDetails, WorkerOptions } from './protocol.ts';
import { unlessGone } from './rest.ts';
import { servePort } from './serve-port.ts';

const { rest } = workerData as { readonly rest: Int32Array };

serve<WorkerOptions, CpuDetails, GraphProgress>(servePort(parentPort!), {
  open: openModel,
  now: () => performance.now(),
  during: (work) => unlessGone(rest, work),
});
