/**
 * A step after 100 tokens, in sessions whose buffers have held 128, 1,024 and 8,000: the unused
 * part must cost nothing. `npx tsx src/kv-capacity.ts`
 */
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { type Arm, interleave, interval, median, printMachine, printTimings } from './interleave.ts';
import { TARGET, writeModel } from './synthetic-model.ts';
import { flag, inFolder } from './workspace.ts';

const LENGTH = 100;
const STEPS = 16;
const turns = Number(flag('turns', '8'));

await inFolder(async (folder) => {
  const location = await writeModel(join(folder, 'target'), { ...TARGET, layers: 3, contextLength: 8192 });
  const model = await cpuBackend({ cacheFolder: join(folder, 'cache'), threads: 1 }).open(location);
  const arms: Record<string, Arm> = {};
  for (const held of [120, 1000, 8000]) {
    const session = await model.openSession();
    await session.forward(
      Array.from({ length: held }, (_, index) => index % model.info.vocabSize),
      {},
    );
    arms[`buffers that have held ${held}`] = async () => {
      session.truncate(LENGTH);
      for (let step = 0; step < STEPS; step++) await session.forward([step], { argmax: true });
      return STEPS;
    };
  }
  printMachine();
  console.log(`A step after ${LENGTH} tokens; milliseconds\n`);
  const timings = await interleave(arms, { turns });
  printTimings(timings);
  const [small, , large] = timings;
  const overlap = interval(small!)[1] >= interval(large!)[0];
  console.log(
    `\nlargest against smallest: ${((median(large!) / median(small!) - 1) * 100).toFixed(1)} %, intervals ${overlap ? 'overlap' : 'do not overlap'}`,
  );
  await model.dispose();
});
