/**
 * How far a model's rows are from float32's on a text that is given, read at once: seconds where
 * `real-models.ts --reference` lets float32 write one. `JUDGE_MODELS=folder npx tsx src/text-divergence.ts
 * [--models a.gguf,b.gguf] [--text FILE] [--rows 128] [--threads 2]`
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cpuBackend } from '@judge-decoding/backend-cpu';
import { openTokenizer } from '@judge-decoding/checkpoint';
import { meanDivergence, sameFavourites } from './divergence.ts';
import { printMachine } from './interleave.ts';
import { flag, inFolder } from './workspace.ts';

const MODELS = 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf,qwen2.5-coder-1.5b-instruct-q4_k_m.gguf';
/** Program text that changes seldom. */
const TEXT = new URL('../../../packages/core/src/decode/commit.ts', import.meta.url).pathname;
const root = process.env.JUDGE_MODELS ?? '';
const rows = Number(flag('rows', '128'));
const threads = Number(flag('threads', '2'));

/** Relative L2 of two lists of numbers. */
function distance(actual: Float32Array, expected: Float32Array): number {
  let [differences, squares] = [0, 0];
  for (const [index, value] of expected.entries()) {
    differences += (actual[index]! - value) ** 2;
    squares += value * value;
  }
  return Math.sqrt(differences / squares);
}

async function compare(file: string, cacheFolder: string): Promise<void> {
  const location = join(root, file);
  const tokens = (await openTokenizer(location))
    .encode(await readFile(flag('text', TEXT), 'utf8'))
    .slice(0, rows);
  const logitsOf = async (dtype: 'fp32' | 'auto') => {
    const model = await cpuBackend({ dtype, threads, contextLength: 2048, cacheFolder }).open(location);
    const session = await model.openSession();
    const { logits } = await session.forward(tokens, { logits: true });
    await model.dispose();
    return { logits, width: model.info.vocabSize, dtype: model.info.dtype };
  };
  const expected = await logitsOf('fp32');
  const { logits, width, dtype } = await logitsOf('auto');
  const same = 100 * sameFavourites(expected.logits, logits, width);
  const cells = [
    `${file} as ${dtype}`,
    tokens.length,
    meanDivergence(expected.logits, logits, width).toFixed(5),
    `${same.toFixed(1)} %`,
    `${(100 * distance(logits, expected.logits)).toFixed(2)} %`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

printMachine();
console.log(
  '| model | rows | KL from fp32 | same favourite | relative L2 of logits |\n| --- | ---: | ---: | ---: | ---: |',
);
await inFolder(async (folder) => {
  for (const file of flag('models', MODELS).split(',')) {
    if (root !== '' && existsSync(join(root, file))) await compare(file, process.env.JUDGE_CACHE ?? folder);
    else console.log(`Skipped: ${file} is not in JUDGE_MODELS.`);
  }
});
