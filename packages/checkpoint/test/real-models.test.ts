import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { firstDifference, openCheckpoint } from '../src/index.ts';
import { narrow } from '../src/number-formats.ts';
import { integers } from './gguf-mutations.ts';

/*
 * Real models, where they are: JUDGE_MODELS names a folder with the .gguf files and, beside each, a
 * Hugging Face folder whose weights are the file's, rounded to bfloat16.
 */
const MODELS = [
  { file: 'smollm2-135m-instruct-q4_1.gguf', folder: 'smollm2-135m' },
  { file: 'qwen2.5-coder-0.5b-instruct-q4_k_m.gguf', folder: 'qwen-0.5b' },
  { file: 'qwen2.5-coder-1.5b-instruct-q4_k_m.gguf', folder: 'qwen-1.5b' },
];
const root = process.env.JUDGE_MODELS;
const present = MODELS.filter(({ file }) => root !== undefined && existsSync(join(root, file)));

/** Made by tools/gguf-goldens with the gguf package for Python: type and hash of float32 values. */
const hashes: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL('fixtures/gguf-tensor-hashes.json', import.meta.url), 'utf8'),
);
/** Tensors larger than this are hashed in parts. */
const PART_ROWS = 16_384;
const MINUTES = 300_000;

if (present.length === 0) {
  test('real models are not tested: JUDGE_MODELS names no folder that has any', () => {});
}

describe.each(present)('$file', ({ file, folder }) => {
  const path = join(root ?? '', file);
  const folderPath = join(root ?? '', folder);

  test(
    'tensors have the values that Python gives them, bit for bit',
    async () => {
      const { tensors, dispose } = await openCheckpoint(path);
      const ours: Record<string, string> = {};
      for (const name of Object.keys(hashes[file]!)) {
        const { shape, type } = tensors.info(name);
        const hash = createHash('sha256');
        for (let first = 0; first < shape[0]!; first += PART_ROWS) {
          const count = Math.min(PART_ROWS, shape[0]! - first);
          hash.update(new Uint8Array((await tensors.read(name, { first, count })).buffer));
        }
        ours[name] = `${type} ${hash.digest('hex').slice(0, 16)}`;
      }
      await dispose();
      expect(ours).toEqual(hashes[file]);
    },
    MINUTES,
  );

  if (!existsSync(folderPath)) return;
  test(
    'says what its folder says',
    async () => {
      const [ours, theirs] = [await openCheckpoint(path), await openCheckpoint(folderPath)];
      expect({ ...ours.config, dtype: 'bf16' }).toEqual(theirs.config);
      for (const name of ['model.layers.0.self_attn.k_proj.weight', 'model.layers.1.mlp.down_proj.weight']) {
        const [rounded, stored] = [
          narrow(await ours.tensors.read(name), 'BF16'),
          await theirs.tensors.raw(name),
        ];
        expect(Buffer.compare(rounded, stored)).toBe(0);
      }
      expect(firstDifference(ours.tokenizer, theirs.tokenizer)).toBeUndefined();
      expect(ours.tokenizer.endTokens).toEqual(expect.arrayContaining([...theirs.tokenizer.endTokens]));
      const pick = integers(5);
      for (let i = 0; i < 300; i++) {
        const text = anyText(pick);
        expect(ours.tokenizer.encode(text)).toEqual(theirs.tokenizer.encode(text));
        const messages = [{ role: 'user', content: text }];
        expect(ours.tokenizer.encodeChat(messages)).toEqual(theirs.tokenizer.encodeChat(messages));
      }
      await Promise.all([ours.dispose(), theirs.dispose()]);
    },
    MINUTES,
  );
});

const PIECES = [' the', 'Ein ', 'don’t', "'LL", '12345', '²½', '日本語', '한국어', '👩‍👩‍👧', 'é', '\n\n', '\t', '   ', '\u0085', '\ufeff', '\u00a0', '<|im_end|>', '</s>', '#### ', 'x'.repeat(60), '()=>{}', '\u0004']; // biome-ignore format: a list

/** Composed characters only: a GGUF file does not say that Qwen composes them first, and its folder may not either. */
const anyText = (pick: (limit: number) => number) =>
  Array.from({ length: 1 + pick(9) }, () => PIECES[pick(PIECES.length)]!).join('');
