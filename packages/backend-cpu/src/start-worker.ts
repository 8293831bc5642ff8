import { Worker, type WorkerOptions } from 'node:worker_threads';
import { withoutTelemetry } from './no-telemetry.ts';

/**
 * Starts a worker from a file beside this one. Built, that is `name.js`. From the sources (a clone, its
 * tests and tools) it is `name.ts`: Node 20 cannot start a thread from TypeScript, so the thread loads
 * tsx first.
 */
export function startWorker(name: 'worker' | 'prepare-worker', workerData: object): Worker {
  withoutTelemetry();
  const beside = (file: string) => new URL(`./${file}`, import.meta.url);
  // loaders and conditions of the calling process are not for a thread that has its own
  const options: WorkerOptions = { name: `judge-decoding cpu ${name}`, execArgv: [], workerData };
  if (!import.meta.url.endsWith('.ts')) return new Worker(beside(`${name}.js`), options);
  return new Worker(beside('from-source.mjs'), {
    ...options,
    argv: [beside(`${name}.ts`).href],
    execArgv: ['--conditions=@judge-decoding/source'],
  });
}
