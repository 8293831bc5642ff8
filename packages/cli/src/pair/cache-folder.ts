import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { defaultCacheFolder, makeFolder } from '@judge-decoding/onnx/cache';
import type { Terminal } from '../terminal.ts';

/**
 * The cache folder, made where it does not exist. Writes a file to see that it can: permissions
 * alone do not tell (a full disk, a file in the way, a read-only mount).
 */
export async function writableCacheFolder(env: Terminal['env']): Promise<string> {
  const folder = defaultCacheFolder(env);
  const probe = join(folder, `.judge-probe-${process.pid}`);
  try {
    await makeFolder(folder);
    await writeFile(probe, '');
    await rm(probe, { force: true });
    return folder;
  } catch (cause) {
    throw new JudgeDecodingError(
      'io',
      `Expected to write into the cache folder ${folder}, got: ${(cause as Error).message}. Choose another one with the variable JUDGE_CACHE.`,
      { cause },
    );
  }
}
