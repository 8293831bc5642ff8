import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { version } from '../../src/version.ts';

const BIN = fileURLToPath(new URL('../../bin/judge.mjs', import.meta.url));

test('in a clone the command runs the sources, with nothing built', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [BIN, '--version']);
  expect(stdout.trim()).toBe(version());
});
