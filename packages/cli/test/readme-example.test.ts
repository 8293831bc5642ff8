import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const extracted = at('./.readme-example.ts');

let cache: string;
beforeAll(async () => {
  cache = await mkdtemp(join(tmpdir(), 'judge-'));
});
afterAll(async () => {
  await rm(extracted, { force: true });
  await rm(cache, { recursive: true, force: true });
});

test('the README’s library example runs as it stands, and prints each token’s source', async () => {
  const readme = await readFile(at('../../../README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const lines = example.trim().split('\n');
  expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(15);
  await writeFile(extracted, example);
  vi.stubEnv('JUDGE_CACHE', cache);
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await import(/* @vite-ignore */ extracted);
  const sources = new Set(printed.mock.calls.map(([source]) => source));
  expect(printed.mock.calls.length).toBeGreaterThan(10);
  expect([...sources].every((source) => ['standard', 'judge', 'recovered', 'bonus'].includes(source))).toBe(
    true,
  );
  expect(sources).toContain('judge');
});
