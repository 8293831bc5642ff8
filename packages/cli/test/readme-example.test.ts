import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type TinyPair, tinyPair } from './tiny-pair.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const extracted = at('./.readme-example.ts');
const embedded = vi.hoisted(() => ({ targetFolder: '', draftFolder: '', head: '' }));
vi.mock('@judge-decoding/pocket-pair', () => ({
  get targetFolder() {
    return embedded.targetFolder;
  },
  get draftFolder() {
    return embedded.draftFolder;
  },
  headFile: () => embedded.head,
}));

let pair: TinyPair;
beforeAll(async () => {
  pair = await tinyPair();
  Object.assign(embedded, { targetFolder: pair.target, draftFolder: pair.draft, head: pair.head });
});
afterAll(async () => {
  await rm(extracted, { force: true });
  await pair.dispose();
});

test('the README’s library example runs as it stands, and prints each token’s source', async () => {
  const readme = await readFile(at('../../../README.md'), 'utf8');
  const example = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const lines = example.trim().split('\n');
  expect(lines.filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(20);
  await writeFile(extracted, example);
  vi.stubEnv('JUDGE_CACHE', pair.env.JUDGE_CACHE);
  const printed = vi.spyOn(console, 'log').mockImplementation(() => undefined);
  await import(/* @vite-ignore */ extracted);
  const sources = new Set(printed.mock.calls.map(([source]) => source));
  expect(printed.mock.calls.length).toBeGreaterThan(10);
  expect([...sources].every((source) => ['standard', 'judge', 'recovered', 'bonus'].includes(source))).toBe(
    true,
  );
  expect(sources).toContain('judge');
});
