import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSafetensors } from '@judge-decoding/checkpoint';
import { afterAll, expect, test } from 'vitest';
import { cpuBackend } from '../src/index.ts';

/**
 * Real models in float32 against what transformers says about them, where both are: each MODEL in
 * the folder JUDGE_MODELS with a MODEL.reference.safetensors beside it, which
 * tools/bench/reference/transformers_logits.py writes.
 */
const root = process.env.JUDGE_MODELS;
const names = [
  'smollm2-135m',
  'smollm2-135m-instruct-q4_1.gguf',
  'qwen-0.5b',
  'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf',
  'qwen-1.5b',
  'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf',
].filter((name) => root !== undefined && existsSync(join(root, `${name}.reference.safetensors`)));

// a float32 graph of 1.5 billion parameters takes 7 GB: JUDGE_CACHE keeps it for the next time
const given = process.env.JUDGE_CACHE;
const cacheFolder = given ?? (await mkdtemp(join(tmpdir(), 'judge-real-')));
afterAll(() => (given === undefined ? rm(cacheFolder, { recursive: true, force: true }) : undefined));

/** Most that logits and hidden states may be apart, in parts of their length. */
const MOST_APART = 1e-3;
/** A gap between the two likeliest tokens that excuses a difference, in standard deviations of the row. */
const NEAR_TIE = 1e-3;

if (names.length === 0) {
  test('real models: not run, JUDGE_MODELS names no folder with references', () => {
    console.log('real models: not run, JUDGE_MODELS names no folder with references.');
  });
}

test.each(names)('%s in float32 says what transformers says', { timeout: 3_600_000 }, async (name) => {
  const reference = await openSafetensors(join(root!, `${name}.reference.safetensors`));
  const model = await cpuBackend({ cacheFolder, contextLength: 256 }).open(join(root!, name), {
    dtype: 'fp32',
  });
  const { vocabSize } = model.info;
  const prompts = reference.list().filter(({ name: tensor }) => tensor.startsWith('ids.')).length;
  expect(prompts).toBeGreaterThan(0);
  const worst = { logits: 0, preNorm: 0, postNorm: 0 };
  let compared = 0;
  for (let index = 0; index < prompts; index++) {
    const [ids, text] = [await integers(`ids.${index}`), await integers(`text.${index}`)];
    const session = await model.openSession();
    const { logits, hidden } = await session.forward(ids, {
      logits: true,
      hidden: ['pre-norm', 'post-norm'],
    });
    // rows of the reference go on with padding behind the real tokens
    const padded = await reference.read(`logits.${index}`);
    const width = padded.length / ids.length;
    const expected = new Float32Array(ids.length * vocabSize);
    for (let row = 0; row < ids.length; row++)
      expected.set(padded.subarray(row * width, row * width + vocabSize), row * vocabSize);
    const apart = {
      logits: distance(logits, expected),
      preNorm: distance(hidden[0]!, await reference.read(`pre_norm.${index}`)),
      postNorm: distance(hidden[1]!, await reference.read(`post_norm.${index}`)),
    };
    for (const part of ['logits', 'preNorm', 'postNorm'] as const) {
      expect(apart[part], `${part} of text ${index}`).toBeLessThan(MOST_APART);
      worst[part] = Math.max(worst[part], apart[part]);
    }

    // along the reference's text, so that a near tie does not change what follows
    session.truncate(ids.length - 1);
    const fed = [ids.at(-1)!, ...text.slice(0, -1)];
    const written = await session.forward(fed, { argmax: true, top: 2, logits: true });
    compared += text.length;
    for (const [row, token] of text.entries()) {
      if (written.argmax[row] === token) continue;
      const gap = written.top.logProbs[2 * row]! - written.top.logProbs[2 * row + 1]!;
      const deviation = deviationOf(written.logits.subarray(row * vocabSize, (row + 1) * vocabSize));
      console.log(`${name}, text ${index}, token ${row}: excused at a gap of ${gap / deviation} deviations`);
      expect(gap / deviation).toBeLessThan(NEAR_TIE);
      expect(written.top.ids[2 * row + 1]).toBe(token);
    }
    await session.dispose();
  }
  await model.dispose();
  await reference.dispose();
  const { logits, preNorm, postNorm } = worst;
  console.log(
    `${name}: ${prompts} texts, ${compared} greedy tokens; relative L2 at most ${logits.toExponential(1)} of logits, ${preNorm.toExponential(1)} pre-norm, ${postNorm.toExponential(1)} post-norm.`,
  );

  async function integers(tensor: string): Promise<number[]> {
    const bytes = await reference.raw(tensor);
    return [...new Int32Array(bytes.slice().buffer)];
  }
});

/** Of two lists of numbers, in parts of the second's length. */
function distance(a: Float32Array, b: Float32Array): number {
  let [apart, length] = [0, 0];
  for (const [index, value] of b.entries()) {
    apart += (a[index]! - value) ** 2;
    length += value * value;
  }
  return Math.sqrt(apart / length);
}

function deviationOf(row: Float32Array): number {
  const mean = row.reduce((sum, value) => sum + value, 0) / row.length;
  return Math.sqrt(row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / row.length);
}
