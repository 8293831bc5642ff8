/**
 * Idle threads that sleep at once, that spin for a moment (the default) and that spin for long: a
 * step and a verify pass of 17 rows after 250 tokens, two threads.
 * `npx tsx src/spinning.ts [--threads 2] [--turns 12]`
 */
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { type Arm, interleave, printMachine, printTimings } from './interleave.ts';
import { TARGET, writeModel } from './synthetic-model.ts';
import { flag, inFolder } from './workspace.ts';

const LENGTH = 250;
const PASSES = 8;
const WAYS = { 'sleep at once': { spinning: false }, 'spin for a moment': {}, spin: { spinning: true } };
const threads = Number(flag('threads', '2'));
const turns = Number(flag('turns', '12'));

await inFolder(async (folder) => {
  const location = await writeModel(join(folder, 'target'), TARGET);
  const backend = cpuBackend({ cacheFolder: join(folder, 'cache'), threads });
  const models = [];
  const arms: Record<string, Arm> = {};
  for (const [name, way] of Object.entries(WAYS)) {
    const model = await backend.open(location, way);
    models.push(model);
    for (const rows of [1, 17]) {
      const session = await model.openSession();
      await session.forward(
        Array.from({ length: LENGTH }, (_, index) => index),
        {},
      );
      const tokens = Array.from({ length: rows }, (_, row) => row);
      arms[`${name}, ${rows === 1 ? 'a step' : `${rows} rows`}`] = async () => {
        for (let pass = 0; pass < PASSES; pass++) {
          session.truncate(LENGTH);
          await session.forward(tokens, { argmax: true });
        }
        return PASSES;
      };
    }
  }
  printMachine();
  printTimings(await interleave(arms, { turns }));
  for (const model of models) await model.dispose();
});
