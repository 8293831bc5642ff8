// `npm start` and `npm test` on a machine that has nothing but Node and npm: fetch the pinned
// pnpm, install from the lockfile, build what is needed, then hand over. Uses no shell syntax,
// so it runs alike on Linux, macOS and Windows.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
// onnxruntime-node would otherwise try to fetch CUDA libraries from outside the registry.
const env = {
  ...process.env,
  ONNXRUNTIME_NODE_INSTALL: 'skip',
  TURBO_TELEMETRY_DISABLED: '1',
  DO_NOT_TRACK: '1',
};

const runner = process.env.npm_execpath;
if (runner === undefined) {
  console.error('Run this through npm: `npm start` or `npm test`.');
  process.exit(2);
}

/** npm runs the pinned pnpm through `npm exec`; under pnpm itself the same file serves directly. */
const pnpm = (args, options = {}) => {
  const viaNpm = /npm-cli\.js$|npx-cli\.js$/.test(runner);
  const argv = viaNpm ? [runner, 'exec', '--yes', '--', packageManager, ...args] : [runner, ...args];
  const { status, error } = spawnSync(process.execPath, argv, {
    cwd: root,
    env,
    stdio: 'inherit',
    ...options,
  });
  if (error) throw error;
  return status ?? 1;
};
const must = (status) => {
  if (status !== 0) process.exit(status);
};

/** Installing is skipped while the lockfile is the one last installed from. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'pnpm-lock.yaml')))
    .update(process.version)
    .digest('hex');
  const stamp = join(root, 'node_modules', '.judge-installed');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return;
  console.error('Installing packages (first run only) …');
  must(pnpm(['install', '--frozen-lockfile', '--reporter=append-only'], { stdio: ['ignore', 2, 2] }));
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, lock);
}

/** Whether a source is newer than the built command line: after a pull, say. */
function isStale() {
  const built = join(root, 'packages', 'cli', 'dist', 'index.js');
  if (!existsSync(built)) return true;
  const { mtimeMs } = statSync(built);
  return readdirSync(join(root, 'packages')).some((name) => {
    const sources = join(root, 'packages', name, 'src');
    if (!existsSync(sources)) return false;
    return readdirSync(sources, { recursive: true }).some(
      (file) => statSync(join(sources, file)).mtimeMs > mtimeMs,
    );
  });
}

const [command, ...rest] = process.argv.slice(2);
install();
if (command === 'test') process.exit(pnpm(['exec', 'turbo', 'run', 'test', '--concurrency=100%', ...rest]));
if (command === 'start') {
  if (isStale()) {
    console.error('Building …');
    must(
      pnpm(['exec', 'turbo', 'run', 'build', '--filter=@judge-decoding/cli...'], { stdio: ['ignore', 2, 2] }),
    );
  }
  const judge = join(root, 'packages', 'cli', 'bin', 'judge.mjs');
  // Ctrl-C is judge's to answer: it says so, and its exit code is ours
  process.on('SIGINT', () => {});
  const { status, signal } = spawnSync(process.execPath, [judge, 'demo', ...rest], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  process.exit(signal === 'SIGINT' ? 130 : (status ?? 1));
}
console.error(`Expected \`start\` or \`test\`, got \`${command}\`.`);
process.exit(2);
