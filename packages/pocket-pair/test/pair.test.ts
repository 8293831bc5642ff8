import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { draftFolder, HEAD_KINDS, headFile, targetFolder } from '../src/index.ts';

const MEGABYTE = 1e6;
const heads = dirname(headFile('pre-norm'));

async function sizes(folder: string): Promise<number[]> {
  const names = await readdir(folder);
  return Promise.all(names.map(async (name) => (await stat(`${folder}/${name}`)).size));
}

/** A safetensors header: its length in eight bytes, then JSON. */
async function header(path: string): Promise<Record<string, { readonly shape?: readonly number[] }>> {
  const bytes = await readFile(path);
  return JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE(0))).toString('utf8'));
}

describe('what every clone carries', () => {
  it('takes at most 30 MB, in pieces of at most 15 MB', async () => {
    const all = (await Promise.all([targetFolder, draftFolder, heads].map(sizes))).flat();
    expect(Math.max(...all)).toBeLessThan(15 * MEGABYTE);
    expect(all.reduce((sum, size) => sum + size, 0)).toBeLessThan(30 * MEGABYTE);
  });

  it('has one tokenizer', async () => {
    const [target, draft] = await Promise.all(
      [targetFolder, draftFolder].map((folder) => readFile(`${folder}/tokenizer.json`, 'utf8')),
    );
    expect(draft).toBe(target);
  });

  it.each(HEAD_KINDS)('has a %s head of the target’s hidden size', async (kind) => {
    const { hidden_size } = JSON.parse(await readFile(`${targetFolder}/config.json`, 'utf8'));
    const { __metadata__, ...terms } = await header(headFile(kind));
    expect(Object.values(terms).map(({ shape }) => shape)).toEqual(
      Object.keys(terms).map(() => [hidden_size]),
    );
    expect(Object.keys(terms).length).toBe(kind === 'pre-norm-and-previous' ? 2 : 1);
  });
});
