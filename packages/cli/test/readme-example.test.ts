import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const extracted = at(`./.readme-example-${process.pid}.ts`);

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'judge-'));
});
afterAll(async () => {
  await rm(extracted, { force: true });
  await rm(cache, { recursive: true, force: true });
});

test('the README’s library example runs as it stands, is right, and closes what it opens', async () => {
  const readme = await readFile(at('../../../README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const lines = example.trim().split('\n');
  expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  await writeFile(extracted, example);
  vi.stubEnv('JUDGE_CACHE', cache);
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  const opened = inUse().length;
  await import(/* @vite-ignore */ extracted);
  const [text, byTheJudge] = printed.mock.calls[0] as [string, number];
  const list = [49, 14, 26, 24, 51, 21, 47].map((number) => number + 39);
  expect(text.trim().split('\n').at(-1)).toBe(`#### ${Math.max(...list)}`);
  expect(byTheJudge).toBeGreaterThan(3);
  // threads and file handles are given back
  await expect.poll(() => inUse().length).toBeLessThanOrEqual(opened);
});

/** What keeps this process, but for timers: the test runner has some of its own. */
const inUse = () => process.getActiveResourcesInfo().filter((kind) => !/^(Timeout|Immediate)$/.test(kind));
