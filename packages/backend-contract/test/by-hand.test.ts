import { readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Backend } from '@judge-decoding/core';
import { afterAll, expect, test } from 'vitest';
import { checkBackend, toleranceFor } from '../src/index.ts';

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const extracted = at(`./.by-hand-${process.pid}.ts`);
afterAll(() => rm(extracted, { force: true }));

test('the README’s backend by hand is short, and keeps every clause that its outputs allow', async () => {
  const readme = await readFile(at('../README.md'), 'utf8');
  const code = /## A backend by hand[\s\S]*?```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(30);
  await writeFile(extracted, code);
  const { byHand }: { byHand: Backend } = await import(/* @vite-ignore */ extracted);
  const results = await checkBackend({
    backend: byHand,
    location: 'by hand',
    device: 'memory',
    tolerance: toleranceFor('fp32'),
    exempt: {},
  });
  expect(results.filter(({ outcome }) => outcome === 'broken')).toEqual([]);
  const kept = results.filter(({ outcome }) => outcome === 'kept').length;
  expect(kept).toBeGreaterThan(25);
});
