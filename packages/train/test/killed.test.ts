import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';

const tsx = pathToFileURL(createRequire(import.meta.url).resolve('tsx')).href;
const script = join(import.meta.dirname, 'killed-process.ts');

/**
 * Runs a step; with `lines` it is killed (SIGKILL: nothing can be caught) when it has said so many: in the midst
 * of what comes next, of which it does not see the end, however late the kill comes.
 */
function run(step: string, work: string, other: string, lines = Number.POSITIVE_INFINITY) {
  return new Promise<{ readonly killed: boolean; readonly lines: number }>((resolve, reject) => {
    const child = spawn(
      process.execPath,
      ['--conditions=@judge-decoding/source', '--import', tsx, script, step, work, other, String(lines)],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    let out = '';
    const said = () => out.match(/\d+\n/g)?.length ?? 0;
    let errors = '';
    child.stderr.on('data', (part) => (errors += part));
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      out += part;
      if (said() >= lines || out.endsWith('all\n')) child.kill('SIGKILL');
    });
    child.on('close', (code, signal) =>
      signal === 'SIGKILL' || code === 0
        ? resolve({ killed: signal === 'SIGKILL', lines: said() })
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
  900_000,
);
