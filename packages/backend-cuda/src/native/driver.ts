import { existsSync, readFileSync } from 'node:fs';

/** Where a kernel says which driver it has loaded, and where Windows puts its own for Linux programs. */
const SAID = '/proc/driver/nvidia/version';
const OF_WINDOWS = '/usr/lib/wsl/lib/libcuda.so.1';

/**
 * NVIDIA's driver as the system tells of it, nothing being loaded: its version, `'unknown'` where it is there and
 * tells none, `undefined` where there is none (or the system is one where we would not know).
 */
export function driverHere(
  read: (path: string) => string | undefined = textOf,
  isThere: (path: string) => boolean = existsSync,
): string | undefined {
  const text = read(SAID);
  if (text !== undefined) return /\s(\d+\.\d+(?:\.\d+)*)\s/.exec(text)?.[1] ?? 'unknown';
  return isThere(OF_WINDOWS) ? 'unknown' : undefined;
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
