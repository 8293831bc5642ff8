import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CudaDtype, cudaBackend } from '@judge-decoding/backend-cuda';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { complete, JudgeDecodingError } from '@judge-decoding/core';
import { eachItem, type Part, type Run } from './run.ts';

/** A real model of 260 thousand numbers, whose makers say what it writes: as far as rounding its float32 weights lets it. */
export interface StoryResult {
  readonly dtype: string;
  readonly written: string;
  readonly documentedLetters: number;
  /** Letters from the start that are the documented ones. */
  readonly same: number;
}

/** run.c writes so many tokens after the begin token. */
const STEPS = 256;

/** `--stories` names the folder that `convert-llama2c` made, with the documented text beside it as `story.txt`. */
export const stories: Part = (run) => {
  const dtypes: readonly CudaDtype[] = ['bf16', 'int8', 'fp8', 'int4'];
  return eachItem(
    run,
    dtypes.map((dtype) => ({ name: dtype, item: dtype })),
    (dtype) => tell(run, dtype),
  );
};

async function tell({ engine, device, stories: folder }: Run, dtype: CudaDtype): Promise<StoryResult> {
  if (!existsSync(join(folder, 'story.txt'))) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected stories260K as a Hugging Face folder with its documented text in story.txt at ${folder}. Make it with tools/convert-llama2c and name it with --stories.`,
    );
  }
  const checkpoint = await openCheckpoint(folder);
  const model = await cudaBackend({ engine, device, dtype }).open(folder);
  try {
    const documented = (await readFile(join(folder, 'story.txt'), 'utf8')).trim();
    const { tokens } = await complete({
      ...{ model: model.info, target: await model.openSession(), maxTokens: STEPS },
      prompt: [checkpoint.tokenizer.beginToken!],
    });
    const written = checkpoint.tokenizer.decode(tokens).trim();
    let same = 0;
    while (same < documented.length && written[same] === documented[same]) same++;
    return { dtype, written, documentedLetters: documented.length, same };
  } finally {
    await model.dispose();
    await checkpoint.dispose();
  }
}
