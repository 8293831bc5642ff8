import { rename, writeFile } from 'node:fs/promises';
import type { Visit } from './in-turns.ts';
import { flag } from './workspace.ts';

/** Writes visits to the file of `--save`, whole at any moment; nothing without it. */
export async function saveVisits(visits: readonly Visit[]): Promise<void> {
  const path = flag('save', '');
  if (path === '') return;
  await writeFile(`${path}.part`, JSON.stringify(visits));
  await rename(`${path}.part`, path);
}
