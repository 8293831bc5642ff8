// How long a newcomer waits: clones HEAD into a temporary folder, runs `npm start` twice, the second time
// after an edit, and says when the first coloured token came and how many lines of log stood before it.
import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'judge-first-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const clone = join(folder, 'judge-decoding');
const env = { ...process.env, FORCE_COLOR: '1', JUDGE_CACHE: join(folder, 'cache') };

/** Resolves to milliseconds until stdout had a coloured token, and to what stderr had said by then. */
function firstToken() {
  const started = performance.now();
  const start = spawn(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['start'], {
    cwd: clone,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    shell: process.platform === 'win32',
  });
  let out = '';
  let log = '';
  let at;
  start.stderr.setEncoding('utf8').on('data', (text) => {
    if (at === undefined) log += text;
  });
  start.stdout.setEncoding('utf8').on('data', (text) => {
    out += text;
    // green or yellow: a token that the judge let in, or one of the target's
    if (/\[3[23]m/.test(out)) at ??= performance.now() - started;
  });
  return new Promise((resolve, reject) => {
    start.on('close', (code) => {
      if (at === undefined) reject(new Error(`npm start ended with code ${code}:\n${log}${out}`));
      else resolve({ ms: at, log, out });
    });
  });
}

const started = performance.now();
const cloned = spawnSync('git', ['clone', '--quiet', root, clone], { stdio: 'inherit' });
if (cloned.status !== 0) process.exit(1);
const cloning = performance.now() - started;
const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;

const first = await firstToken();
const npmLines = first.out.split('\n').filter((line) => line.startsWith('> ')).length;
const lines = first.log.split('\n').filter((line) => line.trim() !== '').length + npmLines;
console.log(`clone to first coloured token: ${seconds(cloning + first.ms)}, ${lines} lines of log`);

appendFileSync(join(clone, 'packages', 'core', 'src', 'index.ts'), '// an edit\n');
console.log(`after an edit: ${seconds((await firstToken()).ms)}`);
