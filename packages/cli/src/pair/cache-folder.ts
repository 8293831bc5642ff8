import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheFolder, makeFolder } from '@judge-decoding/onnx/cache';
import type { Terminal } from '../terminal.ts';

export interface CacheFolder {
  readonly folder: string;
  /** Why nothing can be kept there; absent where it can be written. */
  readonly fault?: string;
}

/** More than a folder's entry takes: a full disk shows at the first block. */
const PROBE = new Uint8Array(4096);

/**
 * The cache folder, made where it does not exist, and whether it can be written. Writes a file to see
 * that: permissions alone do not tell (a full disk, a file in the way, a read-only mount). What is
 * there already can be used in any case.
 */
export async function cacheFolder(env: Terminal['env']): Promise<CacheFolder> {
  const folder = defaultCacheFolder(env);
  const probe = join(folder, `.judge-probe-${process.pid}`);
  try {
    await makeFolder(folder);
    await writeFile(probe, PROBE);
    return { folder };
  } catch (cause) {
    return { folder, fault: (cause as Error).message };
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}

/** What it means for a run, and what to do. */
export const cannotKeep = (folder: string, fault: string): string =>
  `Nothing can be kept in the cache folder ${folder} (${fault}): graphs that are there are used, a model without one cannot run, and costs are measured anew each time. Choose another one with the variable JUDGE_CACHE.`;
