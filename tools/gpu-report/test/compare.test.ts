import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { compare } from '../src/compare.ts';
import { Store } from '../src/store.ts';

const root = mkdtempSync(join(tmpdir(), 'judge-gpu-report-compare-'));
afterAll(() => rmSync(root, { recursive: true }));

async function run(folder: string, part: string, items: Record<string, unknown>, engine = 'aa') {
  const store = await Store.open(join(root, folder), { part, engine, quick: false, environment: {} });
  for (const [name, value] of Object.entries(items)) await store.put(name, value);
  return join(root, folder);
}

const speedOf = (milliseconds: number, digests: readonly string[]) => ({
  model: '8b:int8',
  draftTokenMilliseconds: milliseconds / 2,
  plainTokenMilliseconds: milliseconds,
  passes: digests.map((digest, index) => ({
    ...{ context: 512, width: index + 1, outputs: 'argmax' },
    ...{ milliseconds, spread: [milliseconds / 2, 2 * milliseconds], digest },
  })),
});

test('passes of both runs are held together by their bits, and times are told as ratios', async () => {
  const first = await run('a', 'speed', { m: speedOf(2, ['x', 'y']), 'judged round': {}, alone: {} });
  const second = await run('b', 'speed', { m: speedOf(3, ['x', 'z', 'w']), 'judged round': {}, new: {} });
  await run('a', 'stories', { bf16: { written: 'Once' }, int8: { written: 'Once' } });
  await run('b', 'stories', { bf16: { written: 'Once' }, int8: { written: 'Twice' } });
  const said = await compare(first, second);
  expect(said).toContain('2 passes that both runs measured, 1 with other bits');
  expect(said).toContain('| 8b:int8 | 2 | 1 | 1.500 | 1.500 | 1.500 | 1.500 |');
  expect(said).toContain('Stories: bf16 the same text, int8 another text.');
});

test('nothing is compared between engines, or with a folder that holds no speeds', async () => {
  const first = await run('c', 'speed', { m: speedOf(2, ['x']) });
  const second = await run('d', 'speed', { m: speedOf(2, ['x']) }, 'bb');
  await expect(compare(first, second)).rejects.toMatchObject({ code: 'mismatch' });
  await expect(compare(first, join(root, 'nowhere'))).rejects.toThrow(/got aa and none/);
});

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const reportFolder = join(repository, 'docs/gpu');
const build = JSON.parse(readFileSync(join(reportFolder, 'release-build/build.json'), 'utf8'));

test('a release is compiled by the compiler whose library ran on a GPU', () => {
  const workflow = readFileSync(join(repository, '.github/workflows/release.yml'), 'utf8');
  const [, toolkit] = /container: nvidia\/cuda:(\d+\.\d+)\.\d+-devel-/.exec(workflow) ?? [];
  expect(build.nvcc.startsWith(`${toolkit}.`), `nvcc ${build.nvcc}, the container's CUDA ${toolkit}`).toBe(
    true,
  );
});

test('that library computed the bits of the report, where both are of the same sources', async () => {
  const { engine } = JSON.parse(readFileSync(join(reportFolder, 'speed.json'), 'utf8'));
  if (engine !== build.engine) {
    console.log(
      `gpu-report: the release's build in docs/gpu is of other sources (${build.engine}) than the report (${engine}).`,
    );
    return;
  }
  const said = await compare(reportFolder, join(reportFolder, 'release-build'));
  expect(said).toMatch(/ [1-9]\d* passes that both runs measured, 0 with other bits/);
  expect(said).not.toContain('another text');
});
