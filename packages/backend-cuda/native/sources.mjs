import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = fileURLToPath(new URL('.', import.meta.url));

const filesIn = (folder) =>
  existsSync(join(here, folder))
    ? readdirSync(join(here, folder))
        .filter((name) => /\.(cu|cuh|hpp|h|cpp)$/.test(name))
        .sort()
        .map((name) => join(here, folder, name))
    : [];

/** Files that are compiled, and those they include. */
export const units = () => filesIn('src').filter((path) => path.endsWith('.cu'));
export const headers = () => [
  ...filesIn('include'),
  ...filesIn('src').filter((path) => !path.endsWith('.cu')),
];

/** Hex digest over names and contents of the engine's sources: what a report of the GPU belongs to. */
export function sourcesDigest() {
  const hash = createHash('sha256');
  for (const path of [...headers(), ...units()]) {
    hash.update(`${path.slice(here.length)}\n`).update(readFileSync(path));
  }
  return hash.digest('hex').slice(0, 16);
}
