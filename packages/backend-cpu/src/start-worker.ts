import { Worker, type WorkerOptions } from 'node:worker_threads';
import { withoutTelemetry } from './no-telemetry.ts';

/**
 * Starts a worker from a file. From the sources (a clone, its tests and tools) that is TypeScript, of which
 * Node 20 cannot start a thread: it is put into one file of JavaScript first.
 */
export function startWorker(file: URL, workerData: object): Worker {
  withoutTelemetry();
  const name = file.pathname.replace(/^.*\/|\.[jt]s$/g, '');
  // loaders and conditions of the calling process are not for a thread that has its own
  const options: WorkerOptions = { name: `judge-decoding ${name}`, execArgv: [], workerData };
  if (!file.pathname.endsWith('.ts')) return new Worker(file, options);
  return new Worker(new URL('./from-source.mjs', import.meta.url), {
    ...options,
    argv: [file.href],
    execArgv: ['--conditions=@judge-decoding/source'],
  });
}

/** The address of a module beside the one at `from`: as it was written, or built. */
export const besides = (name: string, from: string): URL =>
  new URL(`./${name}.${from.endsWith('.ts') ? 'ts' : 'js'}`, from);
