import { homedir } from 'node:os';
import { join } from 'node:path';

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
