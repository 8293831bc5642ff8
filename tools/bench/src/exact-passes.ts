/**
 * What `exact` costs a real model, after 100 and 1,000 tokens: a step of one row, which is read as two where
 * this machine needs it, and a verify pass of 17. `JUDGE_MODELS=folder npx tsx src/exact-passes.ts [--models a.gguf,b.gguf]
 * [--threads 2] [--turns 6] [--rows 1,17]`
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { type Arm, interleave, printMachine, printTimings } from './interleave.ts';
import { flag, inFolder } from './workspace.ts';

const MODELS = 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf,qwen2.5-coder-1.5b-instruct-q4_k_m.gguf';
const ROWS = flag('rows', '1,17').split(',').map(Number);
const LENGTHS = [100, 1000];
const root = process.env.JUDGE_MODELS ?? '';
const threads = Number(flag('threads', '2'));
const turns = Number(flag('turns', '6'));

async function measure(location: string, cacheFolder: string): Promise<void> {
  const backend = cpuBackend({ threads, contextLength: 2048, cacheFolder });
  const models = [await backend.open(location), await backend.open(location, { exact: true })];
  const arms: Record<string, Arm> = {};
  for (const length of LENGTHS) {
    for (const model of models) {
      const session = await model.openSession();
      await session.forward(
        Array.from({ length }, (_, index) => index + 100),
        {},
      );
      for (const rows of ROWS) {
        const tokens = Array.from({ length: rows }, (_, row) => row + 100);
        arms[
          `${rows === 1 ? 'a step' : `${rows} rows`} after ${length}${model.info.exact ? ', exact' : ''}`
        ] = async () => {
          session.truncate(length);
          await session.forward(tokens, { argmax: true });
          return 1;
        };
      }
    }
  }
  console.log(`${models[0]!.info.name} as ${models[0]!.info.dtype}, ${threads} threads\n`);
  printTimings(await interleave(arms, { turns, visits: 3 }));
  console.log();
  for (const model of models) await model.dispose();
}

await inFolder(async (folder) => {
  printMachine();
  for (const file of flag('models', MODELS).split(',')) {
    const location = join(root, file);
    if (root !== '' && existsSync(location)) await measure(location, process.env.JUDGE_CACHE ?? folder);
    else console.log(`Skipped: ${file} is not in JUDGE_MODELS.`);
  }
});
