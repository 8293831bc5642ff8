import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '@judge-decoding/checkpoint';
import { convertLlama2c } from '@judge-decoding/convert-llama2c';
import { complete } from '@judge-decoding/core';
import { expect, test } from 'vitest';
import { cpuBackend } from '../src/index.ts';

/** A real model that nobody here made: https://huggingface.co/karpathy/tinyllamas. */
const source = process.env.JUDGE_STORIES260K;
/** run.c writes so many tokens after the begin token. */
const STEPS = 256;

test('stories260K tells its documented story, through folder, graph, session and loop', async () => {
  if (source === undefined) {
    console.log('stories260K: not run, JUDGE_STORIES260K does not name its folder.');
    return;
  }
  const root = await mkdtemp(join(tmpdir(), 'judge-stories-'));
  try {
    const folder = join(root, 'stories260K');
    await convertLlama2c({
      checkpoint: join(source, 'stories260K.bin'),
      tokenizer: join(source, 'tok512.bin'),
      out: folder,
    });
    const checkpoint = await openCheckpoint(folder);
    const model = await cpuBackend({ cacheFolder: join(root, 'cache') }).open(folder);
    const begin = checkpoint.tokenizer.beginToken!;
    const { tokens } = await complete({
      model: model.info,
      target: await model.openSession(),
      prompt: [begin],
      maxTokens: STEPS,
    });
    const story = checkpoint.tokenizer.decode(tokens).trim();
    await model.dispose();
    await checkpoint.dispose();

    const document = await readFile(join(source, 'stories260K.md'), 'utf8');
    const documented = /-t 0\.0\n([\s\S]*?)\n```/.exec(document)?.[1]?.trim();
    expect(documented).toBeDefined();
    expect(story).toBe(documented);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});
