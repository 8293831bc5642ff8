// Packs every public package and uses the tarballs in an empty project: each entry is imported, its
// declarations are compiled as strictly as a stranger may, and `judge` solves problems. What a user
// installs is what is tested.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pnpmArgv } from './pnpm.mjs';
import { publicPackages } from './public-packages.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const project = mkdtempSync(join(tmpdir(), 'judge-pack-'));
process.on('exit', () => rmSync(project, { recursive: true, force: true }));

const write = (name, text) => {
  const file = join(project, name);
  writeFileSync(file, text);
  return file;
};
/** Ends the check where a program fails; resolves to what it printed. */
function must(argv, cwd = project) {
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  console.error(`${stdout}${stderr}`);
  console.error(`\`${argv.join(' ')}\` ended with code ${status}.`);
  process.exit(1);
}

const packages = publicPackages(root);
const runtimes = packages.filter(({ os }) => os !== undefined);
const tarballs = join(project, 'tarballs');
mkdirSync(tarballs);
const tarballOf = {};
for (const { name, folder, version, os, cpu } of packages) {
  // the files of another platform's runtime are large, and nobody looks at them here
  const whole = os === undefined || (os.includes(process.platform) && cpu.includes(process.arch));
  const scripts = whole ? [] : ['--config.ignore-scripts=true'];
  must(pnpmArgv(['pack', '--pack-destination', tarballs, ...scripts]), folder);
  tarballOf[name] = `file:${join(tarballs, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)}`;
}
const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const direct = packages.filter((one) => !runtimes.includes(one)).map(({ name }) => [name, tarballOf[name]]);
write(
  'package.json',
  JSON.stringify({
    name: 'empty',
    private: true,
    type: 'module',
    dependencies: Object.fromEntries(direct),
    devDependencies: { '@types/node': '20', typescript: devDependencies.typescript },
    overrides: tarballOf,
  }),
);
// by npm, with install scripts on, as users do it
must([process.env.npm_execpath, 'install', '--no-audit', '--no-fund']);

const entries = packages
  .filter((one) => !runtimes.includes(one))
  .flatMap(({ name, exports = {} }) =>
    Object.keys(exports)
      .filter((entry) => entry !== './package.json')
      .map((entry) => name + entry.slice(1)),
  );
const script = write(
  'import-all.mjs',
  `for (const entry of ${JSON.stringify(entries)}) {
  const names = Object.keys(await import(entry));
  if (names.length === 0) throw new Error(entry + ' exports nothing');
  console.log(entry + ': ' + names.length + ' exports');
}
process.exit(0);
`,
);
process.stdout.write(must([script]));

write('all.ts', entries.map((entry, index) => `export * as e${index} from '${entry}';`).join('\n'));
for (const moduleResolution of ['nodenext', 'bundler']) {
  const module = moduleResolution === 'bundler' ? 'esnext' : moduleResolution;
  const compilerOptions = { target: 'es2022', module, moduleResolution, strict: true, noEmit: true };
  // ONNX Runtime's declarations name pictures and canvases
  const lib = ['ES2022', 'DOM'];
  write(
    'tsconfig.json',
    JSON.stringify({ compilerOptions: { ...compilerOptions, lib, types: ['node'] }, files: ['all.ts'] }),
  );
  must([join(project, 'node_modules', 'typescript', 'bin', 'tsc')]);
}

const cli = join(project, 'node_modules', '@judge-decoding', 'cli');
const judge = join(cli, 'bin', 'judge.mjs');
const said = must([judge, '--version']).trim();
const { version } = JSON.parse(readFileSync(join(cli, 'package.json'), 'utf8'));
if (said !== version) throw new Error(`Expected \`judge --version\` to say ${version}, it said ${said}.`);
const solved = must([judge, 'problems', '--count', '2', '--solve', '--verify', 'judge']);
if (!/tokens\/s/.test(solved)) throw new Error(`Expected judge to solve problems, it said:\n${solved}`);
/** Bytes of a folder, without what only this check needs. */
function sizeOf(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (['typescript', '@typescript', '@types', 'undici-types'].includes(entry.name)) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += sizeOf(path);
    else if (entry.isFile()) bytes += statSync(path).size;
  }
  return bytes;
}
const megabytes = (sizeOf(join(project, 'node_modules')) / 1e6).toFixed(0);
console.log(
  `${packages.length} packages import, compile and run from their tarballs: ${megabytes} MB of node_modules.`,
);
