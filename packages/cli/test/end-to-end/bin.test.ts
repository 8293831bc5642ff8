import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { version } from '../../src/version.ts';

const BIN = fileURLToPath(new URL('../../bin/judge.mjs', import.meta.url));

test('in a clone the command runs the sources, with nothing built', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, '--version']);
  expect(stdout.trim()).toBe(version());
});

test('a module of rules that leaves a timer behind does not keep the program', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'judge-bin-'));
  try {
    const module = join(folder, 'timer.mjs');
    await writeFile(module, 'setInterval(() => {}, 1000);\n');
    const run = promisify(execFile)(process.execPath, [BIN, 'generate', 'Hi', '--rules', module], {
      timeout: 300_000,
    });
    // it has no rule in it, which is said before the end
    await expect(run).rejects.toMatchObject({
      code: 3,
      killed: false,
      stderr: expect.stringContaining(module),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
