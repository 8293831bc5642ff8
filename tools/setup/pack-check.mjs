// Packs every public package and imports each of its entries from the tarball, in an empty project:
// what a user installs is what is tested.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const project = mkdtempSync(join(tmpdir(), 'judge-pack-'));
const tarballs = join(project, 'tarballs');
mkdirSync(tarballs);

const runner = process.env.npm_execpath ?? '';
/** Through npm when npm runs this script, else the pnpm that does. */
function pnpm(args, cwd) {
  const argv = /npm-cli\.js$/.test(runner)
    ? [runner, 'exec', '--yes', '--', packageManager, ...args]
    : [runner, ...args];
  const { status, stdout } = spawnSync(process.execPath, argv, {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
  });
  if (status !== 0) {
    console.error(stdout);
    throw new Error(`pnpm ${args.join(' ')} failed in ${cwd}`);
  }
  return stdout;
}

const packages = readdirSync(join(root, 'packages'))
  .map((folder) => ({
    folder: join(root, 'packages', folder),
    ...JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')),
  }))
  .filter((one) => one.private !== true);

const overrides = {};
for (const { name, folder, version } of packages) {
  pnpm(['pack', '--pack-destination', tarballs], folder);
  overrides[name] = `file:${join(tarballs, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)}`;
}
writeFileSync(
  join(project, 'package.json'),
  JSON.stringify(
    { name: 'empty', private: true, type: 'module', dependencies: overrides, pnpm: { overrides } },
    null,
    2,
  ),
);
pnpm(['install', '--reporter=silent', '--ignore-scripts'], project);

const checks = packages.flatMap(({ name, exports = {} }) =>
  Object.keys(exports)
    .filter((entry) => entry !== './package.json')
    .map((entry) => name + entry.slice(1)),
);
const script = join(project, 'import-all.mjs');
writeFileSync(
  script,
  `for (const entry of ${JSON.stringify(checks)}) {
  const names = Object.keys(await import(entry));
  if (names.length === 0) throw new Error(entry + ' exports nothing');
  console.log(entry + ': ' + names.length + ' exports');
}
process.exit(0);
`,
);
const { status } = spawnSync(process.execPath, [script], { cwd: project, stdio: 'inherit' });
rmSync(project, { recursive: true, force: true });
if (status !== 0) process.exit(status ?? 1);
console.log(`${packages.length} packages import from their tarballs.`);
