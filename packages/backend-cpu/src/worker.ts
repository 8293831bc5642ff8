import { parentPort, workerData } from 'node:worker_threads';
import { openModel } from './open-model.ts';
import { serve } from './serve.ts';

const { rest } = workerData as { readonly rest: Int32Array };

serve(parentPort!, { open: openModel, now: () => performance.now(), rest });
