import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { Worker, type WorkerOptions } from 'node:worker_threads';
import { withoutTelemetry } from './no-telemetry.ts';

/**
 * Starts a worker from a file beside this one. Built, that is `name.js`. From the sources (tests, tools) it
 * is `name.ts`: Node 20 cannot start a thread from TypeScript, so the thread loads tsx first.
 */
export function startWorker(name: 'worker' | 'prepare-worker', workerData: object): Worker {
  withoutTelemetry();
  // loaders and conditions of the calling process are not for a thread that has its own
  const options: WorkerOptions = { name: `judge-decoding cpu ${name}`, execArgv: [], workerData };
  if (!import.meta.url.endsWith('.ts')) return new Worker(new URL(`./${name}.js`, import.meta.url), options);
  const address = (url: URL) => JSON.stringify(url.href);
  const tsx = address(pathToFileURL(createRequire(import.meta.url).resolve('tsx/esm/api')));
  const worker = address(new URL(`./${name}.ts`, import.meta.url));
  const code = `import(${tsx}).then(({ register }) => { register(); return import(${worker}); });`;
  return new Worker(code, { ...options, eval: true, execArgv: ['--conditions=@judge-decoding/source'] });
}
