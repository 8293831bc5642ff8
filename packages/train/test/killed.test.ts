import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const script = join(import.meta.dirname, 'killed-process.ts');

/** Runs a step; with `lines` it is killed (SIGKILL: nothing can be caught) as soon as it has said so many. */
function run(step: string, work: string, other: string, lines = Number.POSITIVE_INFINITY) {
  return new Promise<{ readonly killed: boolean; readonly lines: number }>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--conditions=@judge-decoding/source', '--import', tsx, script, step, work, other],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let said = 0;
    let errors = '';
    child.stderr.on('data', (part) => (errors += part));
    child.stdout.on('data', (part: Buffer) => {
      said += part.toString().split('\n').length - 1;
      if (said >= lines) child.kill('SIGKILL');
    });
    child.on('exit', (code, signal) =>
      signal === 'SIGKILL' || code === 0
        ? resolve({ killed: signal === 'SIGKILL', lines: said })
        : reject(new Error(errors)),
    );
  });
}

/** All files but those that a kill left half written. */
async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.tmp'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const found: Record<string, string> = {};
  for (const name of names.sort()) found[name.slice(folder.length)] = await readFile(name, 'latin1');
  return found;
}

const root = await mkdtemp(join(tmpdir(), 'judge-killed-'));

test.each(['label', 'features', 'adamw', 'logistic'])(
  '%s: killed again and again, it ends with the same files, and repeats no more than was not kept',
  async (step) => {
    const [whole, broken] = [join(root, `${step}-whole`), join(root, `${step}-broken`)];
    const other = join(root, 'label-whole');
    await mkdir(broken, { recursive: true });
    const uninterrupted = await run(step, whole, other);
    let kills = 0;
    let said = 0;
    // later and later: begin, middle, near the end
    for (const share of [0.2, 0.6]) {
      const most = Math.max(1, Math.round(share * uninterrupted.lines) - said);
      const { killed, lines } = await run(step, broken, other, most);
      kills += Number(killed);
      said += lines;
    }
    expect(kills).toBe(2);
    await run(step, broken, other);
    expect(await contents(broken)).toEqual(await contents(whole));
  },
  300_000,
);
