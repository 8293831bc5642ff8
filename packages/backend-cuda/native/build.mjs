/**
 * Builds the engine's library into the platform package:
 *
 *   pnpm --filter @judge-decoding/backend-cuda build:native [--if-found] [--out FILE] [--jobs N]
 *
 * One object a file, in parallel; a file is compiled again only when it, a header, the flags or the
 * compiler changed. `--if-found` says in one line where there is no compiler, and succeeds.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { findNvcc } from './find-nvcc.mjs';
import { headers, sourcesDigest, units } from './sources.mjs';

const run = promisify(execFile);
const here = fileURLToPath(new URL('.', import.meta.url));
const DEFAULT_OUT = fileURLToPath(new URL('../../backend-cuda-linux-x64/libjudge_cuda.so', import.meta.url));

/** Code for Hopper, and a portable form that the driver translates for any GPU since Ampere. */
const TARGETS = ['-gencode=arch=compute_90a,code=sm_90a', '-gencode=arch=compute_80,code=compute_80'];
const COMPILE = ['-O3', '-std=c++17', '-lineinfo', '-Xcompiler=-fPIC,-fvisibility=hidden,-Wall', ...TARGETS];
const LINK = [
  '-shared',
  '-cudart=static',
  // the unwinder is the system's (Node needs it, too): a static one would ask for the glibc it was built with
  '-Xcompiler=-static-libstdc++,-shared-libgcc',
  '-Xlinker=--exclude-libs,ALL',
  '-Xlinker=--gc-sections',
  ...TARGETS,
];
/** Systems since 2021 have it: Debian 12, Ubuntu 22.04, RHEL 9. */
const GLIBC = [2, 34];
const LARGEST_OUTPUT = 64 * 1024 * 1024;

const { values } = parseArgs({
  options: { 'if-found': { type: 'boolean' }, out: { type: 'string' }, jobs: { type: 'string' } },
});

async function build({ nvcc, version, libraries }) {
  const out = values.out ?? DEFAULT_OUT;
  const folder = join(here, 'build');
  mkdirSync(folder, { recursive: true });
  const sources = units();
  if (sources.length === 0) throw new Error('native/src holds no .cu file.');
  const common = digestOf([version, ...COMPILE, ...headers().map((path) => readFileSync(path))]);

  let [compiled, kept] = [0, 0];
  const objects = await inParallel(jobs(), sources, async (source) => {
    const object = join(folder, `${basename(source, '.cu')}.o`);
    const digest = digestOf([common, readFileSync(source)]);
    if (existsSync(object) && readIfThere(`${object}.digest`) === digest) {
      kept++;
      return object;
    }
    rmSync(`${object}.digest`, { force: true });
    const { stderr } = await call(nvcc, [
      ...COMPILE,
      `-I${join(here, 'include')}`,
      '-c',
      source,
      '-o',
      object,
    ]);
    if (stderr.trim() !== '') console.error(stderr.trim());
    writeFileSync(`${object}.digest`, digest);
    compiled++;
    return object;
  });

  const linked = `${out}.${process.pid}.tmp`;
  const paths = libraries.map((path) => `-L${path}`);
  await call(nvcc, [...LINK, ...paths, '-o', linked, ...objects]);
  checkGlibc(linked);
  renameSync(linked, out);
  console.log(
    `backend-cuda: ${compiled} files compiled with nvcc ${version}, ${kept} unchanged; sources ${sourcesDigest()}; ${out}`,
  );
}

function jobs() {
  return values.jobs === undefined ? availableParallelism() : Math.max(1, Number(values.jobs));
}

async function call(program, args) {
  try {
    return await run(program, args, { maxBuffer: LARGEST_OUTPUT });
  } catch (error) {
    throw new Error(
      `${basename(program)} failed on ${basename(args.at(-3) ?? '')}:\n${error.stderr || error.message}`,
    );
  }
}

/** Symbols of a newer C library would refuse to load on older systems. */
function checkGlibc(path) {
  const text = readFileSync(path, 'latin1');
  const newest = [...text.matchAll(/GLIBC_(\d+)\.(\d+)/g)]
    .map(([, major, minor]) => [Number(major), Number(minor)])
    .sort((a, b) => b[0] - a[0] || b[1] - a[1])[0];
  if (newest === undefined || newest[0] < GLIBC[0] || (newest[0] === GLIBC[0] && newest[1] <= GLIBC[1]))
    return;
  rmSync(path);
  throw new Error(
    `The library asks for glibc ${newest.join('.')}, at most ${GLIBC.join('.')} is allowed: build on an older system, or find the function that brought it in.`,
  );
}

async function inParallel(width, items, work) {
  const results = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]);
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, worker));
  return results;
}

const readIfThere = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);

function digestOf(parts) {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}

const found = await findNvcc();
if (found.missing !== undefined) {
  const line = `backend-cuda: the engine was not compiled: ${found.missing}`;
  if (values['if-found']) console.log(line);
  else {
    console.error(line);
    process.exitCode = 1;
  }
} else if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.log(`backend-cuda: the engine is built on linux-x64, this is ${process.platform}-${process.arch}.`);
  process.exitCode = values['if-found'] ? 0 : 1;
} else {
  await build(found).catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
}
