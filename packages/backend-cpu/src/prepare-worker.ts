import { parentPort, workerData } from 'node:worker_threads';
import { sentError } from '@judge-decoding/ort-session/served';
import type { Preparation } from './prepare-apart.ts';
import { prepareModel } from './prepare-model.ts';
import type { WorkerOptions } from './protocol.ts';

const { options } = workerData as { readonly options: WorkerOptions };
const say = (said: Preparation): void => parentPort!.postMessage(said);

// nothing is left to do after it: the thread ends by itself
try {
  const prepared = await prepareModel(options, (progress) => say({ kind: 'progress', progress }));
  say({ kind: 'prepared', prepared });
} catch (error) {
  say({ kind: 'error', error: sentError(error) });
}
