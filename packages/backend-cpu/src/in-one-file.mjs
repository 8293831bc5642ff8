// A program of TypeScript files as one JavaScript file, for threads of a clone: tsx starts a second thread beside each and
// loads files one by one, which took a processor longer than opening a small model.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const self = fileURLToPath(import.meta.url);
// beside what it still imports: ONNX Runtime
const BESIDE = join(dirname(dirname(self)), 'node_modules', '.cache', 'judge-decoding');

/** Address of what `file` (an address, too) and all it imports make, kept in `folder`. Made anew where one of them has changed. */
export async function inOneFile(file, folder = BESIDE) {
  const entry = fileURLToPath(file);
  const rules = createHash('sha256')
    .update(await readFile(self))
    .update(entry);
  const out = join(folder, `${basename(entry, '.ts')}-${rules.digest('hex').slice(0, 16)}.mjs`);
  if (!(await isCurrent(out))) await make(entry, out);
  return pathToFileURL(out).href;
}

/** What a file was when it was read. */
const stateOf = async (path) => {
  const { mtimeMs, size } = await stat(path);
  return `${mtimeMs} ${size}`;
};

async function isCurrent(out) {
  try {
    const states = JSON.parse(await readFile(`${out}.json`, 'utf8'));
    const kept = Object.entries(states).map(async ([path, state]) => (await stateOf(path)) === state);
    return (await Promise.all(kept)).every(Boolean);
  } catch {
    return false;
  }
}

/** Programs that are being made in this thread: esbuild's own process is theirs together. */
let underWay = 0;

async function make(entry, out) {
  const { stop } = await import('esbuild');
  underWay++;
  try {
    await makeWith(entry, out);
  } finally {
    if (--underWay === 0) await stop();
  }
}

async function makeWith(entry, out) {
  const { build } = await import('esbuild');
  const states = {};
  const { outputFiles } = await build({
    entryPoints: [entry],
    write: false,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    keepNames: true,
    logLevel: 'silent',
    conditions: ['@judge-decoding/source'],
    external: ['onnxruntime-node', 'esbuild'],
    plugins: [
      {
        name: 'places',
        setup: (given) => given.onLoad({ filter: /\.[cm]?[jt]s$/ }, (of) => load(of, states)),
      },
    ],
  });
  try {
    await mkdir(dirname(out), { recursive: true });
    // the list comes last: without it the program is made again
    await writeWhole(out, outputFiles[0].contents);
    await writeWhole(`${out}.json`, JSON.stringify(states));
  } catch (cause) {
    throw new Error(
      `Expected ${dirname(out)} to take the program of a thread, got: ${cause.message}. Make it writable, or use the packages as they are built.`,
      { cause },
    );
  }
}

/** Each file goes on knowing where it lies. */
async function load({ path }, states) {
  states[path] = await stateOf(path);
  const text = await readFile(path, 'utf8');
  const contents = text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href));
  return { contents, loader: path.endsWith('ts') ? 'ts' : 'js' };
}

/** Other threads make the same at the same time: who reads gets all of one. */
async function writeWhole(path, contents) {
  const own = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  await writeFile(own, contents);
  await rename(own, path);
}
