import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpus, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where rows come from. What is not known is said to be so. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly commit: string;
  /** Files of the repository differ from the commit; unknown outside of one. */
  readonly dirty: boolean | 'unknown';
  /** What the models ran on, and their own versions. */
  readonly device: string;
  /** Processes that may have shared it while it measured: then its times are no speeds. Absent for one. */
  readonly sharedBy?: number;
  /** Arms were given what others had read: then their times are no speeds either. */
  readonly readings?: 'shared';
}

/** Whether a row's time says how fast something is. */
export const measuresSpeed = (machine: Machine | undefined): boolean =>
  (machine?.sharedBy ?? 1) === 1 && machine?.readings === undefined;

/** How a run uses it. */
export interface MachineUse {
  readonly processes?: number;
  readonly shareReadings?: boolean;
}

/**
 * The machine that measures, and the commit that is measured; `dirty` where files differ from it. Both are unknown
 * of an installed package: a repository around it is somebody else's. A bundle says its commit itself.
 */
export function thisMachine(
  device: string,
  { processes = 1, shareReadings = false }: MachineUse = {},
): Machine {
  const [bundled, changed] = process.env.JUDGE_COMMIT?.split('-') ?? [];
  const status =
    bundled === undefined ? git('status', '--porcelain', '--untracked-files=no') : (changed ?? '');
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    commit: bundled ?? git('rev-parse', 'HEAD') ?? 'unknown',
    dirty: status === undefined ? 'unknown' : status !== '',
    device,
    ...(processes > 1 ? { sharedBy: processes } : {}),
    ...(shareReadings ? { readings: 'shared' } : {}),
  };
}

/** The same facts have the same name. */
export const machineName = (machine: Machine): string =>
  createHash('sha256').update(JSON.stringify(machine)).digest('hex').slice(0, 8);

function git(...args: string[]): string | undefined {
  const here = fileURLToPath(new URL('.', import.meta.url));
  if (here.includes('node_modules')) return undefined;
  try {
    return execFileSync('git', args, {
      cwd: here,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}
