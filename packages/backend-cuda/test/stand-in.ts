import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Engine, engineAt } from '../src/index.ts';

const sources = fileURLToPath(new URL('stand-in', import.meta.url));
const include = fileURLToPath(new URL('../native/include', import.meta.url));

/** A C compiler on the PATH, if there is one; on Windows none is asked for, the engine is not for it. */
export const compiler = (process.platform === 'win32' ? [] : ['cc', 'gcc', 'clang']).find((name) => {
  try {
    execFileSync(name, ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

export const NO_COMPILER = 'not run: the stand-in library needs a C compiler, and none is on the PATH.';

/** Compiles the stand-in into a new folder. */
export function buildStandIn(flags: readonly string[] = []): string {
  const path = join(mkdtempSync(join(tmpdir(), 'judge-stand-in-')), 'libstand-in.so');
  const files = readdirSync(sources)
    .filter((name) => name.endsWith('.c'))
    .map((name) => join(sources, name));
  execFileSync(compiler!, [
    ...['-O2', '-shared', '-fPIC', '-fvisibility=hidden', '-Wall', '-pthread', `-I${include}`],
    ...[...flags, '-o', path, ...files, '-lm'],
  ]);
  return path;
}

/** What `stand_in_set` changes. */
export const SETTING = {
  memory: 0,
  failForward: 1,
  rowMicroseconds: 2,
  devices: 3,
  lost: 4,
  cublaslt: 5,
} as const;

export interface StandIn {
  readonly engine: Engine;
  set(what: keyof typeof SETTING, value: number): void;
}

let built: string | undefined;

/** A copy of the stand-in of its own, so that settings of one test do not reach another. */
export async function openStandIn(): Promise<StandIn> {
  built ??= buildStandIn();
  const path = join(mkdtempSync(join(tmpdir(), 'judge-stand-in-')), 'libstand-in.so');
  copyFileSync(built, path);
  const engine = await engineAt(path);
  const { default: koffi } = await import('koffi');
  const set = koffi.load(path).func('void stand_in_set(int32_t what, int64_t value)');
  return { engine, set: (what, value) => set(SETTING[what], value) };
}
