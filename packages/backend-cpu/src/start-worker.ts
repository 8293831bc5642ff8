import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';

/**
 * Starts the worker beside this file; `rest` is where it says whether it is at work. Built, that is `worker.js`. From the sources (tests, tools) it
 * is `worker.ts`: Node 20 cannot start a thread from TypeScript, so the thread loads tsx first.
 */
export function startWorker(rest: Int32Array): Worker {
  // loaders and conditions of the calling process are not for a thread that has its own
  const options: WorkerOptions = { name: 'judge-decoding cpu', execArgv: [], workerData: { rest } };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL('./worker.js', import.meta.url), options);
  const address = (url: URL) => JSON.stringify(url.href);
  const tsx = address(pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')));
  const worker = address(new URL('./worker.ts', import.meta.url));
  const code = `import(${tsx}).then(({ register }) => { register(); return import(${worker}); });`;
  return new Worker(code, { ...options, eval: true, execArgv: ['--conditions=@judge-decoding/source'] });
}
