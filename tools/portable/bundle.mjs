/**
 * Makes one archive that runs `judge` on a machine like this one, without Node, network or installation:
 *
 *     npm run -s bundle -- --out judge.tar.xz [--with-pair] [--without-node]
 *     tar xf judge.tar.xz && judge/run eval --out results --processes 32
 *
 * On its CPU, or with `--cuda libjudge_cuda.so` on its NVIDIA GPU alone.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { copyKoffi } from './copy-koffi.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(here, 'judge.tar.xz') },
    'with-pair': { type: 'boolean', default: false },
    // then NODE names one there
    'without-node': { type: 'boolean', default: false },
    // the engine's library; ONNX Runtime, which the CPU needs, is left out
    cuda: { type: 'string' },
  },
});
const root = mkdtempSync(join(tmpdir(), 'judge-portable-'));
const folder = join(root, 'judge');
const program = join(folder, 'program');
const quiet = { stdio: ['ignore', 'ignore', 'inherit'], cwd: here };
const inRepository = (path) => join(here, '../..', path);
try {
  execFileSync('npx', ['tsup', '--silent', '--out-dir', program], quiet);
  // what programs find one folder above themselves
  cpSync(inRepository('packages/cli/package.json'), join(folder, 'package.json'));
  cpSync(inRepository('tools/pocket-eval/table.mjs'), join(folder, 'table.mjs'));
  if (values['with-pair'])
    for (const part of ['target', 'draft', 'heads'])
      cpSync(inRepository(`packages/pocket-pair/${part}`), join(folder, part), { recursive: true });
  if (values.cuda === undefined) copyRuntime();
  else {
    copyKoffi(join(program, 'node_modules'));
    cpSync(values.cuda, join(folder, 'libjudge_cuda.so'));
  }
  if (!values['without-node']) {
    const node = join(folder, 'node');
    cpSync(process.execPath, node);
    tryTo('strip', [node]);
  }
  const run = join(folder, 'run');
  writeFileSync(
    run,
    [
      '#!/bin/sh',
      'here=$(dirname "$0")',
      'test -n "$NODE" || NODE="$here/node"',
      ...(values.cuda === undefined
        ? []
        : ['test -n "$JUDGE_CUDA_LIBRARY" || export JUDGE_CUDA_LIBRARY="$here/libjudge_cuda.so"']),
      'exec "$NODE" "$here/program/judge.js" "$@"',
      '',
    ].join('\n'),
  );
  chmodSync(run, 0o755);
  const out = resolve(values.out);
  execFileSync('tar', ['-caf', out, '-C', root, 'judge'], {
    ...quiet,
    env: { ...process.env, XZ_OPT: '--x86 --lzma2=preset=9' },
  });
  console.log(`${out}: ${(statSync(out).size / 1e6).toFixed(1)} MB`);
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** ONNX Runtime's files for this platform, and what it requires. */
function copyRuntime() {
  const runtime = dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const target = join(program, 'node_modules');
  const platform = join('bin', 'napi-v6', process.platform, process.arch);
  for (const part of ['package.json', 'dist', platform])
    cpSync(join(runtime, part), join(target, 'onnxruntime-node', part), {
      recursive: true,
      dereference: true,
    });
  // pnpm keeps a package's dependencies beside it
  cpSync(join(realpathSync(runtime), '..', 'onnxruntime-common'), join(target, 'onnxruntime-common'), {
    recursive: true,
    dereference: true,
    filter: (path) => !/\.(map|ts)$/.test(path),
  });
}

/** What only makes it smaller. */
function tryTo(program, args) {
  try {
    execFileSync(program, args, quiet);
  } catch {
    console.log(`${program} is not here: the archive is larger for it.`);
  }
}
