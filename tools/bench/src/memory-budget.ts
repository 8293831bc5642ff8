/**
 * Where the CPU backend's memory goes: what is resident after each part of the work, and the most within it.
 * `JUDGE_MODELS=folder npx tsx src/memory-budget.ts [--models a.gguf,b.gguf] [--prompt 1500] [--steps 30]
 * [--context 2048] [--threads 2]`. Linux only. `JUDGE_CACHE` says where graphs stay; a first run, uncounted,
 * writes them.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import type { Stage } from './memory-process.ts';
import { ownProcess } from './own-process.ts';
import type { Work } from './runtime-measures.ts';
import { flag, inFolder } from './workspace.ts';

const MODELS = 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf,qwen2.5-coder-0.5b-instruct-q4_k_m.gguf';
const QUESTION = 'Write a long story about a lighthouse keeper who finds a map in a bottle.';
const LONG_TEXT = new URL('../../../LICENSE', import.meta.url);
const PROCESS = new URL('./memory-process.ts', import.meta.url);

async function stagesOf(work: Work): Promise<Stage[]> {
  return JSON.parse((await ownProcess(PROCESS, [JSON.stringify(work)])).trim().split('\n').at(-1)!);
}

function table(file: string, stages: readonly Stage[]): string {
  const rows = stages.map(
    ({ name, ...sizes }) =>
      `| ${[name, ...[sizes.resident, sizes.peak, sizes.anonymous, sizes.weightsFile].map((size) => size.toFixed(0))].join(' | ')} |`,
  );
  return [
    `| ${file}, MiB after | resident | peak within | of no file | weights file, mapped |`,
    '| --- | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
  ].join('\n');
}

const root = process.env.JUDGE_MODELS ?? '';
if (root === '' || process.platform !== 'linux') {
  console.error('memory-budget: not run, it needs Linux, and JUDGE_MODELS to name a folder of models.');
  process.exit(1);
}
await inFolder(async (folder) => {
  const cacheFolder = process.env.JUDGE_CACHE ?? join(folder, 'cache');
  for (const file of flag('models', MODELS).split(',')) {
    const location = join(root, file);
    const { tokenizer, dispose } = await openCheckpoint(location);
    const work: Work = {
      location,
      threads: Number(flag('threads', '2')),
      contextLength: Number(flag('context', '2048')),
      shortPrompt: tokenizer.encodeChat([{ role: 'user', content: QUESTION }]),
      longPrompt: tokenizer
        .encode(await readFile(LONG_TEXT, 'utf8'))
        .slice(0, Number(flag('prompt', '1500'))),
      steps: Number(flag('steps', '30')),
      cacheFolder,
    };
    await dispose();
    const { longPrompt: _long, ...brief } = work;
    await stagesOf({ ...brief, steps: 1 });
    console.log(table(file, await stagesOf(work)));
  }
});
