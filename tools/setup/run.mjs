// `npm start` and `npm test` on a machine that has nothing but Node and npm: fetch the pinned
// pnpm, install from the lockfile, then hand over. Nothing is built: both run the sources. Uses no
// shell syntax, so it runs alike on Linux, macOS and Windows.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './install.mjs';
import { pnpmArgv } from './pnpm.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const env = { ...process.env, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' };

const [command, ...rest] = process.argv.slice(2);
if (command !== 'start' && command !== 'test') {
  console.error(`Expected \`start\` or \`test\`, got \`${command}\`.`);
  process.exit(2);
}

/** Installing is skipped while the lockfile is the one last installed from. */
const lock = createHash('sha256')
  .update(readFileSync(join(root, 'pnpm-lock.yaml')))
  .update(process.version)
  .digest('hex');
const stamp = join(root, 'node_modules', '.judge-installed');
if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lock) {
  const code = await installPackages(root);
  if (code !== 0) process.exit(code);
  writeFileSync(stamp, lock);
}

const argv =
  command === 'test'
    ? pnpmArgv(['exec', 'turbo', 'run', 'test', '--concurrency=100%', ...rest])
    : [join(root, 'packages', 'cli', 'bin', 'judge.mjs'), 'demo', ...rest];
// Ctrl-C is theirs to answer: judge says so, and its exit code is ours
process.on('SIGINT', () => {});
const { status, signal, error } = spawnSync(process.execPath, argv, { cwd: root, env, stdio: 'inherit' });
if (error) throw error;
process.exit(signal === 'SIGINT' ? 130 : (status ?? 1));
