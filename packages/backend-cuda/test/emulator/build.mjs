/**
 * Compiles the engine for the processor: a library with its ABI, and the program that checks single kernels.
 *
 *   node test/emulator/build.mjs        # says where both are
 *
 * One object a file, two at a time; a file is compiled again only when it, a header or the flags changed.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { headers, units } from '../../native/sources.mjs';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = fileURLToPath(new URL('../../native/build/emulated', import.meta.url));
const include = fileURLToPath(new URL('../../native/include', import.meta.url));

const COMPILE = [
  ...['-std=c++17', '-O1', '-g1', '-fPIC', '-fvisibility=hidden', '-pthread', '-x', 'c++', '-DJC_EMULATED'],
  // bits are looked at as other types; products and sums are rounded one by one, as the kernels say
  ...['-fno-strict-aliasing', '-ffp-contract=off', '-Wno-unknown-pragmas', `-I${here}`, `-I${include}`],
];

/** Why it can't be built here, or nothing. */
export async function whyNotEmulated() {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'fibers are written for linux-x64';
  return run('g++', ['--version']).then(
    () => undefined,
    () => 'g++ is not on the PATH',
  );
}

/** Paths of the library and of the program. */
export async function buildEmulated() {
  mkdirSync(folder, { recursive: true });
  const own = readdirSync(here).map((name) => join(here, name));
  const ending = (...ends) => own.filter((path) => ends.some((end) => path.endsWith(end)));
  const common = digestOf([
    COMPILE.join(' '),
    ...[...headers(), ...ending('.h', '.hpp')].map((path) => readFileSync(path)),
  ]);
  // shares of a GPU are the driver's: the emulator has a word of its own for them
  const sources = [...units().filter((path) => basename(path) !== 'partition.cu'), ...ending('.cpp')];
  const waiting = [...sources];
  const compileNext = async () => {
    for (let source = waiting.pop(); source !== undefined; source = waiting.pop())
      await compile(source, common);
  };
  await Promise.all([compileNext(), compileNext()]);
  const objects = sources.map(objectOf);
  const [library, checks] = [join(folder, 'libjudge_cuda.so'), join(folder, 'checks')];
  await run('g++', ['-shared', '-pthread', '-o', library, ...objects, '-ldl']);
  await run('g++', ['-pthread', '-o', checks, ...objects, '-ldl']);
  return { library, checks };
}

const objectOf = (source) => join(folder, `${basename(source)}.o`);

async function compile(source, common) {
  const object = objectOf(source);
  const digest = digestOf([common, readFileSync(source)]);
  const noted = `${object}.digest`;
  if (existsSync(object) && existsSync(noted) && readFileSync(noted, 'utf8') === digest) return;
  await run('g++', [...COMPILE, '-c', source, '-o', object], { maxBuffer: 2 ** 26 });
  writeFileSync(noted, digest);
}

function digestOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const why = await whyNotEmulated();
  if (why !== undefined) throw new Error(`The engine was not built for the processor: ${why}.`);
  const { library, checks } = await buildEmulated();
  console.log(`${library}\n${checks}`);
}
