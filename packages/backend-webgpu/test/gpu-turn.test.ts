import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { inTurn, shareTurn } from '../src/node/gpu-turn.ts';

const THREADS = 3;

test('threads that share a turn are never at it together, and one that fails gives it back', async () => {
  shareTurn();
  await expect(inTurn(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  const number = () => new Int32Array(new SharedArrayBuffer(4));
  const workerData = { inside: number(), most: number(), done: number() };
  // TypeScript, of which Node 20 starts no thread by itself
  const file = new URL('./node/turn-worker.ts', import.meta.url);
  const start = `await import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ tsImport }) => tsImport(${JSON.stringify(file.href)}, ${JSON.stringify(file.href)}));`;
  const workers = Array.from(
    { length: THREADS },
    () =>
      new Worker(new URL(`data:text/javascript,${encodeURIComponent(start)}`), { workerData, execArgv: [] }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'exit')));
  expect(workerData.done[0]).toBe(5 * THREADS);
  expect(workerData.most[0]).toBe(0);
});
