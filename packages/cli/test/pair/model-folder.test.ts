import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { modelFolder } from '../../src/pair/model-folder.ts';

let models: string;
beforeAll(async () => {
  models = await mkdtemp(join(tmpdir(), 'judge-models-'));
  for (const folder of ['deep', 'big-7b', 'notes']) await mkdir(join(models, folder));
  for (const file of ['tiny.gguf', 'small-1b-instruct-q4_1.gguf', join('deep', 'inner-q8_0.gguf')])
    await writeFile(join(models, file), '');
  await writeFile(join(models, 'big-7b', 'config.json'), '{}');
});
afterAll(() => rm(models, { recursive: true }));

const find = (named: string, folder: string | undefined = models) =>
  modelFolder(named, '--target', folder === undefined ? {} : { JUDGE_MODELS: folder });

test.each([
  ['a name without its ending', 'tiny', 'tiny.gguf'],
  ['a longer one', 'small-1b-instruct-q4_1', 'small-1b-instruct-q4_1.gguf'],
  ['a letter too few', 'big-7', 'big-7b'],
  ['what lies a folder deeper', 'inner-q8_0.gguf', join('deep', 'inner-q8_0.gguf')],
  ['a name of a hub', 'org/Small-1B-Instruct', 'small-1b-instruct-q4_1.gguf'],
])('%s is answered with what $JUDGE_MODELS has', (_, named, meant) => {
  expect(() => find(named)).toThrow(`(nor in ${models}). Did you mean ${meant}? `);
  // and that is found
  expect(find(meant)).toBe(join(models, meant));
});

test.each([
  ['like none', 'quite-another', () => models],
  ['of a folder that is no model', 'note', () => models],
  ['in a folder that is missing', 'tiny', () => join(models, 'missing')],
  ['without $JUDGE_MODELS', 'tiny', () => ''],
])('a name %s is answered without a guess', (_, named, folder) => {
  expect(() => find(named, folder())).toThrow(/found nothing at [\w-]+ \([^)]*\)\. `judge models` lists/);
});
