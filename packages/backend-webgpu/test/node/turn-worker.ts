import { setTimeout } from 'node:timers/promises';
import { workerData } from 'node:worker_threads';
import { inTurn } from '../../src/node/gpu-turn.ts';

/** Works a few times in turn with other threads; `inside` counts those that are at it, `most` remembers two at once. */
const { inside, most, done } = workerData as Record<'inside' | 'most' | 'done', Int32Array>;
for (let time = 0; time < 5; time++)
  await inTurn(async () => {
    if (Atomics.add(inside, 0, 1) > 0) Atomics.store(most, 0, 2);
    await setTimeout(5);
    Atomics.sub(inside, 0, 1);
    Atomics.add(done, 0, 1);
  });
