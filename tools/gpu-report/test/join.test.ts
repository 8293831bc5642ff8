import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { joinRuns } from '../src/join.ts';
import { Store } from '../src/store.ts';

const root = mkdtempSync(join(tmpdir(), 'judge-gpu-report-join-'));
afterAll(() => rmSync(root, { recursive: true }));

async function found(folder: string, items: Record<string, unknown>, engine = 'aa', at = '2026-01-01') {
  const store = await Store.open(join(root, folder), {
    ...{ part: 'rows', engine, quick: false, environment: { at } },
  });
  for (const [name, value] of Object.entries(items)) await store.put(name, value);
}

const rowsIn = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'rows.json'), 'utf8'));

test('items of several runs of one engine come together; what was there stays', async () => {
  await found('a', { one: 1, two: 2 });
  await found('b', { two: 'again', three: 3 }, 'aa', '2026-01-02');
  expect(await joinRuns(join(root, 'a'), [join(root, 'b'), join(root, 'nothing')])).toContain('1 items');
  expect(rowsIn('a')).toMatchObject({
    items: { one: 1, two: 2, three: 3 },
    environment: { at: '2026-01-02' },
  });
  await joinRuns(join(root, 'new'), [join(root, 'a'), join(root, 'b')]);
  expect(rowsIn('new')).toEqual(rowsIn('a'));
});

test('another engine is refused, and nothing is written', async () => {
  await found('c', { one: 1 });
  await found('d', { four: 4 }, 'bb');
  const before = rowsIn('c');
  await expect(joinRuns(join(root, 'c'), [join(root, 'd')])).rejects.toMatchObject({ code: 'mismatch' });
  expect(rowsIn('c')).toEqual(before);
});
