// Plays releases through with the real changesets on scratch branches of a clone: what a patch, a minor and
// a major of one package give its dependents, and which pull requests must bring a changeset. Nothing is
// published and the working tree is left alone.
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publicPackages } from './public-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'judge-release-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const clone = join(folder, 'clone');

function run(command, args, cwd = clone) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}
function must(command, args, cwd) {
  const { status, said } = run(command, args, cwd);
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with code ${status}:\n${said}`);
}
const git = (...args) =>
  must('git', ['-c', 'user.name=release', '-c', 'user.email=release@localhost', ...args]);
const changeset = (...args) =>
  run(process.execPath, [join(root, 'node_modules', '@changesets', 'cli', 'bin.js'), ...args]);

let failed = 0;
function expect(what, got, wanted) {
  const same = JSON.stringify(got) === JSON.stringify(wanted);
  if (!same) failed++;
  console.log(
    `${same ? 'ok  ' : 'BAD '} ${what}${same ? '' : `: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`}`,
  );
}

must('git', ['clone', '--quiet', root, clone], folder);
symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'), 'junction');
appendFileSync(join(clone, '.git', 'info', 'exclude'), 'node_modules\n');

const manifests = (parent) =>
  readdirSync(join(clone, parent))
    .map((name) => {
      try {
        return JSON.parse(readFileSync(join(clone, parent, name, 'package.json'), 'utf8'));
      } catch {
        return undefined;
      }
    })
    .filter(Boolean);
const versions = () => Object.fromEntries(publicPackages(clone).map(({ name, version }) => [name, version]));
const write = (bumps) =>
  writeFileSync(
    join(clone, '.changeset', 'scratch.md'),
    `---\n${Object.entries(bumps)
      .map(([name, bump]) => `'@judge-decoding/${name}': ${bump}`)
      .join('\n')}\n---\n\nA change.\n`,
  );

// everything as it would be after a first release, so that what follows is the second
const pending = readdirSync(join(clone, '.changeset')).filter((name) => name.endsWith('.md'));
if (pending.length > 0) {
  const { status, said } = changeset('version');
  if (status !== 0) throw new Error(said);
}
for (const { folder: at, ...manifest } of publicPackages(clone)) {
  writeFileSync(join(at, 'package.json'), `${JSON.stringify({ ...manifest, version: '0.1.0' }, null, 2)}\n`);
}
git('checkout', '--quiet', '-B', 'main');
git('add', '--all');
git('commit', '--quiet', '--message', 'The first release');
git('update-ref', 'refs/remotes/origin/main', 'HEAD');
const tools = JSON.stringify(manifests('tools'));

/** A branch of its own for `work`; everything is as before afterwards. */
function onBranch(name, work) {
  git('checkout', '--quiet', '-B', name, 'main');
  work();
  git('add', '--all');
  git('commit', '--quiet', '--allow-empty', '--message', name);
  git('checkout', '--quiet', '--force', 'main');
}

// 1. what a release of core, on which nearly everything depends, gives the others
for (const [bump, core, dependent] of [
  ['patch', '0.1.1', '0.1.0'],
  ['minor', '0.2.0', '0.1.1'],
  ['major', '1.0.0', '0.1.1'],
]) {
  onBranch(`release-${bump}`, () => {
    write({ core: bump });
    const { status, said } = changeset('version');
    if (status !== 0) throw new Error(said);
    const after = versions();
    const dependents = publicPackages(clone)
      .filter(({ dependencies = {} }) => '@judge-decoding/core' in dependencies)
      .map(({ name }) => name);
    const others = Object.keys(after).filter((name) => name.includes('/onnxruntime-'));
    const set = (names) => [...new Set(names.map((name) => after[name]))];
    expect(`${bump} of core: core`, after['@judge-decoding/core'], core);
    expect(`${bump} of core: its ${dependents.length} dependents`, set(dependents), [dependent]);
    expect(`${bump} of core: packages that do not depend on it`, set(others), ['0.1.0']);
    expect(`${bump} of core: private tools`, JSON.stringify(manifests('tools')) === tools, true);
  });
}

// 2. which pull requests need a changeset
const status = () => changeset('status', '--since=origin/main').status;
const pullRequests = [
  [
    'a source without a changeset',
    1,
    () => appendFileSync(join(clone, 'packages/core/src/index.ts'), '// x\n'),
  ],
  [
    'a source with a changeset',
    0,
    () => {
      appendFileSync(join(clone, 'packages/core/src/index.ts'), '// x\n');
      write({ core: 'patch' });
    },
  ],
  ['tests only', 0, () => writeFileSync(join(clone, 'packages/core/test/new.test.ts'), '// x\n')],
  ['a README only', 0, () => appendFileSync(join(clone, 'packages/core/README.md'), 'x\n')],
  ['a private tool only', 0, () => appendFileSync(join(clone, 'tools/setup/run.mjs'), '// x\n')],
  ['documents and workflows only', 0, () => appendFileSync(join(clone, 'CONTRIBUTING.md'), 'x\n')],
];
for (const [what, wanted, change] of pullRequests) {
  git('checkout', '--quiet', '-B', 'pull-request', 'main');
  change();
  git('add', '--all');
  git('commit', '--quiet', '--message', what);
  expect(`a pull request of ${what}: exit code`, status(), wanted);
  git('checkout', '--quiet', 'main');
}

// 3. changesets' own pull request has no changeset left, so the job must leave it alone
git('checkout', '--quiet', '-B', 'changeset-release/main', 'main');
write({ core: 'patch' });
changeset('version');
git('add', '--all');
git('commit', '--quiet', '--message', 'Version Packages');
expect('Version Packages: the tool itself refuses it', status(), 1);
const workflow = readFileSync(join(clone, '.github', 'workflows', 'ci.yml'), 'utf8');
expect(
  'Version Packages: the job does not run for it',
  /changeset:\n(\s+#.*\n)*\s+if: .*head_ref != 'changeset-release\/main'/.test(workflow),
  true,
);

console.log(failed === 0 ? 'Releases do what they should.' : `${failed} of them are not as they should be.`);
process.exitCode = failed === 0 ? 0 : 1;
