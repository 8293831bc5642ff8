import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { inOneFile } from '../src/in-one-file.mjs';

const folder = await mkdtemp(join(tmpdir(), 'judge-in-one-file-'));
afterAll(() => rm(folder, { recursive: true, force: true }));

const entry = join(folder, 'entry.ts');
const part = join(folder, 'part.ts');
let imports = 0;
/** What the program exports now; an address is imported once, so each has its own. */
const made = async (): Promise<{ readonly said: string; readonly at: string; readonly name: string }> =>
  import(`${await inOneFile(pathToFileURL(entry).href)}?${imports++}`);

test('a program of several files is one, is made again when a part of it changes, and knows where its parts lie', async () => {
  await writeFile(entry, "export * from './part.ts';\n");
  await writeFile(part, partSaying('before'));
  expect(await made()).toMatchObject({ said: 'before', at: pathToFileURL(part).href, name: 'Kept' });
  await writeFile(part, partSaying('after an edit'));
  expect((await made()).said).toBe('after an edit');
});

test('threads that make it at the same time all get the whole of it', async () => {
  await writeFile(part, partSaying('at once'));
  const all = await Promise.all([made(), made(), made()]);
  expect(all.map(({ said }) => said)).toEqual(['at once', 'at once', 'at once']);
});

test('a fault in a source is told with its file', async () => {
  await writeFile(part, 'export const = 1;\n');
  await expect(made()).rejects.toThrow(/part\.ts:1:13/);
});

test('a folder that cannot be written to is named, and what to do', async () => {
  await writeFile(part, partSaying('nowhere'));
  // a file where a folder is expected: a clone that its user may not write to gives the same sentence
  await expect(inOneFile(pathToFileURL(entry).href, join(part, 'kept'))).rejects.toThrow(
    /^Expected .*kept to take the program of a thread, got: .* Make it writable/,
  );
});

function partSaying(said: string): string {
  return `
    class Kept {}
    export const said: string = '${said}';
    export const at = import.meta.url;
    export const name = Kept.name;
  `;
}
