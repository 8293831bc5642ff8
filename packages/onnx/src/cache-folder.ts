import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from '@judge-decoding/checkpoint';
import { JudgeDecodingError } from '@judge-decoding/core';

/** Where generated files go unless told otherwise: `JUDGE_CACHE`, or the operating system's cache folder. */
export function defaultCacheFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: string = process.platform,
): string {
  const { JUDGE_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = environment;
  if (JUDGE_CACHE) return JUDGE_CACHE;
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'judge-decoding');
  if (platform === 'win32') {
    return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'judge-decoding', 'Cache');
  }
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'judge-decoding');
}

/** Makes the folder where it does not exist; one that cannot be written is an error of code `io`. */
export async function makeCacheFolder(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.W_OK);
  } catch (cause) {
    throw cacheError(folder, cause);
  }
}

/** What went wrong in the cache folder, and what to do. */
export function cacheError(folder: string, cause: unknown): JudgeDecodingError {
  return new JudgeDecodingError(
    'io',
    `Expected to write into the cache folder ${folder}, got: ${cause instanceof Error ? cause.message : cause}. ` +
      'Choose a writable folder with the variable JUDGE_CACHE (in code: `cacheFolder`), and see that it has room.',
    { cause },
  );
}
