/**
 * Makes one archive that runs the report on a machine with a GPU and its driver, without Node, network or
 * installation: npm run bundle -- --library libjudge_cuda.so --out gpu-report.tar.xz [--with-pair] [--without-node]
 *
 * On the other machine: `tar xf gpu-report.tar.xz && gpu-report/run speed --out report`.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sourcesDigest } from '../../packages/backend-cuda/native/sources.mjs';
import { copyKoffi } from '../portable/copy-koffi.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const { values } = parseArgs({
  options: {
    library: {
      type: 'string',
      default: join(here, '../../packages/backend-cuda-linux-x64/libjudge_cuda.so'),
    },
    out: { type: 'string', default: join(here, 'gpu-report.tar.xz') },
    'with-pair': { type: 'boolean', default: false },
    // then NODE names one there
    'without-node': { type: 'boolean', default: false },
    stories: { type: 'string' },
  },
});
if (!existsSync(values.library)) {
  console.error(`Expected the engine's library at ${values.library}. Build it, or name it with --library.`);
  process.exit(1);
}

const root = mkdtempSync(join(tmpdir(), 'gpu-report-bundle-'));
const folder = join(root, 'gpu-report');
const quiet = { stdio: ['ignore', 'ignore', 'inherit'], cwd: here };
try {
  execFileSync('npx', ['tsup', '--silent', '--out-dir', folder], quiet);
  copyKoffi(join(folder, 'node_modules'));
  cpSync(values.library, join(folder, 'libjudge_cuda.so'));
  if (!values['without-node']) {
    const node = join(folder, 'node');
    cpSync(process.execPath, node);
    tryTo('strip', [node]);
  }
  for (const script of ['transformers_reference.py', 'matrix_rate.py']) {
    if (existsSync(join(here, 'reference', script)))
      cpSync(join(here, 'reference', script), join(folder, script));
  }
  if (values['with-pair']) {
    for (const part of ['target', 'draft', 'heads']) {
      cpSync(join(here, '../../packages/pocket-pair', part), join(folder, 'pair', part), { recursive: true });
    }
  }
  if (values.stories !== undefined) cpSync(values.stories, join(folder, 'stories'), { recursive: true });
  const commit = execFileSync('git', ['describe', '--always', '--dirty', '--exclude=*'], {
    encoding: 'utf8',
    cwd: here,
  });
  writeFileSync(
    join(folder, 'manifest.json'),
    `${JSON.stringify({ commit: commit.trim(), engine: sourcesDigest() })}\n`,
  );
  const run = join(folder, 'run');
  writeFileSync(
    run,
    [
      '#!/bin/sh',
      'here=$(dirname "$0")',
      'test -n "$JUDGE_CUDA_LIBRARY" || export JUDGE_CUDA_LIBRARY="$here/libjudge_cuda.so"',
      'test -n "$NODE" || NODE="$here/node"',
      'exec "$NODE" "$here/gpu-report.js" "$@"',
      '',
    ].join('\n'),
  );
  chmodSync(run, 0o755);
  const out = resolve(values.out);
  execFileSync('tar', ['-caf', out, '-C', root, 'gpu-report'], {
    ...quiet,
    env: { ...process.env, XZ_OPT: '-3 -T0' },
  });
  console.log(`${out}: ${(statSync(out).size / 1e6).toFixed(1)} MB, engine ${sourcesDigest()}`);
} finally {
  rmSync(root, { recursive: true, force: true });
}

/** What only makes it smaller. */
function tryTo(program, args) {
  try {
    execFileSync(program, args, quiet);
  } catch {
    console.log(`${program} is not here: the archive is larger for it.`);
  }
}
