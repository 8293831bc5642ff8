import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The oldest toolkit that the engine is compiled with: what 12.4 lacks, shares of a GPU for tests, is left out there. */
const LEAST = [12, 4];

/**
 * The compiler: under CUDA_HOME, on the PATH, in the usual place, or in the packages nvidia-cuda-nvcc,
 * -runtime, -crt, nvidia-nvvm and nvidia-cuda-cccl of Python (the one that PYTHON names, else python3).
 * Resolves to `{ nvcc, version, libraries }`, or to `{ missing }`, which says what was looked for.
 */
export async function findNvcc(env = process.env) {
  const tried = [];
  for (const nvcc of await candidates(env)) {
    if (!existsSync(nvcc)) continue;
    const version = await versionOf(nvcc);
    const [major, minor] = version ?? [0, 0];
    if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) {
      return { nvcc, version: version.join('.'), libraries: librariesBeside(nvcc) };
    }
    tried.push(`${nvcc} is ${version === undefined ? 'no compiler that answers' : version.join('.')}`);
  }
  const found = tried.length === 0 ? 'none was found' : tried.join('; ');
  return {
    missing: `nvcc ${LEAST.join('.')} or newer is needed: ${found}. Set CUDA_HOME to a toolkit, or PYTHON to a Python that has nvidia-cuda-nvcc, nvidia-cuda-runtime, nvidia-cuda-crt, nvidia-nvvm and nvidia-cuda-cccl.`,
  };
}

async function candidates({ CUDA_HOME, PATH = '', PYTHON = 'python3' }) {
  const onPath = PATH.split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, 'nvcc'));
  return [
    ...(CUDA_HOME ? [join(CUDA_HOME, 'bin', 'nvcc')] : []),
    ...onPath,
    '/usr/local/cuda/bin/nvcc',
    ...(await inPython(PYTHON)),
  ];
}

/** `nvidia/cu13/bin/nvcc` of the newer packages, `nvidia/cuda_nvcc/bin/nvcc` of the older ones. */
async function inPython(python) {
  const script = 'import sysconfig; print(sysconfig.get_paths()["purelib"])';
  const folder = await run(python, ['-c', script]).then(
    ({ stdout }) => join(stdout.trim(), 'nvidia'),
    () => undefined,
  );
  if (folder === undefined || !existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .reverse()
    .map((name) => join(folder, name, 'bin', 'nvcc'));
}

async function versionOf(nvcc) {
  try {
    const { stdout } = await run(nvcc, ['--version']);
    const [, major, minor] = /release (\d+)\.(\d+)/.exec(stdout);
    return [Number(major), Number(minor)];
  } catch {
    return undefined;
  }
}

/** Folders with the static runtime; a toolkit's nvcc knows its own. */
function librariesBeside(nvcc) {
  const root = dirname(dirname(nvcc));
  return [join(root, 'lib64'), join(root, 'lib')].filter((folder) =>
    existsSync(join(folder, 'libcudart_static.a')),
  );
}
