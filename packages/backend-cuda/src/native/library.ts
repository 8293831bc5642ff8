import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { LibraryHandle } from 'koffi';
import { ABI_VERSION, FUNCTIONS, type FunctionName } from './abi.ts';
import { driverHere } from './driver.ts';

/** Packages that hold a built library, by platform. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': '@judge-decoding/backend-cuda-linux-x64',
};
const FILE = 'libjudge_cuda.so';

/**
 * koffi runs an asynchronous call on a stack of its own, of 128 KiB unless told: a driver that compiles
 * for a GPU it has no code for needs far more, and would end the process. Memory is taken when touched.
 */
const STACK_BYTES = 16 * 1024 * 1024;

export type NativeFunction = ReturnType<LibraryHandle['func']>;

/** An open library whose functions are bound and whose ABI is ours. */
export interface Library {
  readonly path: string;
  readonly build: string;
  readonly functions: Readonly<Record<FunctionName, NativeFunction>>;
  /** Where a typed array lies; it must be kept alive while the address is used. */
  address(array: ArrayBufferView): number;
}

export interface Surroundings {
  readonly platform: string;
  readonly arch: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of an installed package, if it is. */
  readonly packageFolder: (name: string) => string | undefined;
  /** Whether NVIDIA's driver is there: a library alone would not run. */
  readonly hasDriver: () => boolean;
}

const here: Surroundings = {
  platform: platform(),
  arch: arch(),
  env: process.env,
  packageFolder(name) {
    try {
      return dirname(createRequire(import.meta.url).resolve(`${name}/package.json`));
    } catch {
      return undefined;
    }
  },
  hasDriver: () => driverHere() !== undefined,
};

/** JUDGE_CUDA_LIBRARY, else the platform package's; where there is none, what to do about it. */
export function findLibrary({ platform, arch, env, packageFolder, hasDriver }: Surroundings = here): string {
  const named = env.JUDGE_CUDA_LIBRARY;
  if (named !== undefined && named !== '') {
    if (existsSync(named)) return named;
    throw new JudgeDecodingError(
      'not-found',
      `Expected the library that JUDGE_CUDA_LIBRARY names at ${named}, found nothing. Correct the variable, or unset it to use the installed library.`,
    );
  }
  const key = `${platform}-${arch}`;
  const name = PACKAGES[key];
  if (name === undefined) {
    throw new JudgeDecodingError(
      'unsupported',
      `The CUDA backend is built for ${Object.keys(PACKAGES).join(', ')}, this is ${key}. Use --backend cpu, or name a library of your own build with JUDGE_CUDA_LIBRARY.`,
    );
  }
  // nobody should install or build something that cannot run here
  const alone = hasDriver()
    ? ''
    : ' It would not run here as things are: this machine has no NVIDIA driver. Without an NVIDIA GPU use --backend cpu.';
  const folder = packageFolder(name);
  if (folder === undefined) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected the package ${name}, which holds the library, it is not installed. Install it beside @judge-decoding/backend-cuda (optional dependencies must not be left out), or name a library with JUDGE_CUDA_LIBRARY.${alone}`,
    );
  }
  const path = join(folder, FILE);
  if (existsSync(path)) return path;
  throw new JudgeDecodingError(
    'not-found',
    `Expected the library at ${path}, found nothing: a working copy has none until it is built. Run \`pnpm --filter @judge-decoding/backend-cuda build:native\` (needs nvcc), or name a library with JUDGE_CUDA_LIBRARY.${alone}`,
  );
}

/** Opens a library and binds its functions; refuses one of another ABI. */
export async function openLibrary(path: string): Promise<Library> {
  const { default: koffi } = await import('koffi').catch((cause: Error) => {
    throw new JudgeDecodingError(
      'unsupported',
      `Expected koffi, which calls the library, to load on this platform, got: ${firstLine(cause.message)}. Install @judge-decoding/backend-cuda again, with optional dependencies.`,
      { cause },
    );
  });
  enlargeStack(koffi);
  let handle: LibraryHandle;
  try {
    handle = koffi.load(path);
  } catch (cause) {
    throw loadError(path, firstLine((cause as Error).message), cause);
  }
  const bind = (name: FunctionName): NativeFunction => {
    const [result, given] = FUNCTIONS[name];
    try {
      return handle.func(name, result, [...given]);
    } catch (cause) {
      throw new JudgeDecodingError(
        'mismatch',
        `Expected the library ${path} to have the function ${name}, it has none. Use the library that was built with this version.`,
        { cause },
      );
    }
  };
  // the version first: another ABI may lack any of the other functions
  const abi = bind('jc_abi_version')() as number;
  const build = bind('jc_build')() as string;
  if (abi !== ABI_VERSION) {
    throw new JudgeDecodingError(
      'mismatch',
      `Expected a library with ABI version ${ABI_VERSION}, ${path} (${build}) has ${abi}. Install @judge-decoding/backend-cuda and its platform package in one version, or build the library again.`,
    );
  }
  const functions = Object.fromEntries(
    (Object.keys(FUNCTIONS) as FunctionName[]).map((name) => [name, bind(name)]),
  ) as Record<FunctionName, NativeFunction>;
  return { path, build, functions, address: (array) => Number(koffi.address(array)) };
}

/** koffi takes no settings once it has loaded any library, of whomever. */
function enlargeStack({ config }: { config(given?: object): { async_stack_size?: number } }): void {
  const now = config();
  if ((now.async_stack_size ?? 0) >= STACK_BYTES) return;
  try {
    config({ ...now, async_stack_size: STACK_BYTES });
  } catch (cause) {
    throw new JudgeDecodingError(
      'unsupported',
      `Expected koffi to be unused before the CUDA library, something else has loaded a library with it, and its asynchronous calls have ${now.async_stack_size} bytes of stack, ${STACK_BYTES} are needed. Open a CUDA model first, or call \`koffi.config({ async_stack_size: ${STACK_BYTES} })\` before anything else does.`,
      { cause },
    );
  }
}

/** What the dynamic loader says, in words. */
function loadError(path: string, message: string, cause: unknown): JudgeDecodingError {
  const glibc = /version `(GLIBC_[\d.]+)' not found/.exec(message)?.[1];
  if (glibc !== undefined) {
    return new JudgeDecodingError(
      'unsupported',
      `The library ${path} needs ${glibc.replace('_', ' ').toLowerCase()}, this system's is older. Use a newer system, or build the library here.`,
      { cause },
    );
  }
  if (/wrong ELF class|invalid ELF header|file too short|not a valid/i.test(message)) {
    return new JudgeDecodingError(
      'invalid-file',
      `Expected ${path} to be a library for this processor, got: ${message}. Install or build it again.`,
      { cause },
    );
  }
  return new JudgeDecodingError('unsupported', `Expected to load the library ${path}, got: ${message}.`, {
    cause,
  });
}

const firstLine = (text: string): string => text.split('\n')[0]!.trim().replace(/\.$/, '');
