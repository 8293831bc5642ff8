import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { restFlag, unlessGone, untilRest, waitForRest } from '../src/rest.ts';

test('a worker at rest begins nothing once it was waited for', async () => {
  const flag = restFlag();
  let done = 0;
  await unlessGone(flag, async () => {
    done += 1;
  });
  expect(waitForRest(flag)).toBe(true);
  void unlessGone(flag, async () => {
    done += 1;
  });
  await new Promise(setImmediate);
  expect(done).toBe(1);
});

test('work that fails ends too', async () => {
  const flag = restFlag();
  await expect(unlessGone(flag, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(waitForRest(flag)).toBe(true);
});

test('what a worker is at is waited for, with this thread blocked', async () => {
  const flag = restFlag();
  let finish = () => {};
  const work = unlessGone(flag, () => new Promise<void>((resolve) => (finish = resolve)));
  // another thread ends the work: this one cannot
  const worker = new Worker(
    `const { workerData: flag } = require('node:worker_threads');
    setTimeout(() => { Atomics.store(flag, 0, 0); Atomics.notify(flag, 0); }, 50);`,
    { eval: true, workerData: flag },
  );
  expect(waitForRest(flag, 60_000)).toBe(true);
  finish();
  await work;
  await worker.terminate();
});

test('but not for ever', async () => {
  const flag = restFlag();
  let finish = () => {};
  const work = unlessGone(flag, () => new Promise<void>((resolve) => (finish = resolve)));
  expect(waitForRest(flag, 10)).toBe(false);
  finish();
  await work;
});

test('what a worker is at is waited for while this thread goes on, and nothing follows it', async () => {
  const flag = restFlag();
  let finish = () => {};
  let done = 0;
  const work = unlessGone(flag, () => new Promise<void>((resolve) => (finish = resolve)));
  let rests = false;
  const waiting = untilRest(flag).then(() => {
    rests = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(rests).toBe(false);
  finish();
  await work;
  await waiting;
  void unlessGone(flag, async () => {
    done += 1;
  });
  await new Promise(setImmediate);
  expect(done).toBe(0);
});
