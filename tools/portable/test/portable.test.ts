import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const run = promisify(execFile);
const here = fileURLToPath(new URL('..', import.meta.url));
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-portable-'));
  await run('npx', ['tsup', '--silent', '--out-dir', join(folder, 'program')], { cwd: here });
  await cp(join(here, '../../packages/cli/package.json'), join(folder, 'package.json'));
}, 120_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Where nothing is installed, and no checkout is near. */
const judge = (...args: readonly string[]) =>
  run(process.execPath, [join(folder, 'program/judge.js'), ...args], { cwd: folder }).catch(
    (error: { code: number; stderr: string }) => error,
  );

test('it is one file that knows its version', async () => {
  expect(await judge('--version')).toMatchObject({ stdout: expect.stringMatching(/^\d+\.\d+\.\d+\S*\n$/) });
}, 60_000);

test('what is mistyped is told as it is everywhere', async () => {
  expect(await judge('evall')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Did you mean eval?'),
  });
}, 60_000);
