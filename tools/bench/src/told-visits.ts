/**
 * Prints what `--save` of `in-node` and `in-page` kept, also of a run that was cut.
 *
 *     npm run -s told-visits -- visits.json [more.json …]
 */
import { readFile } from 'node:fs/promises';
import { roundTable, slopeTable, speedTable, type Visit } from './in-turns.ts';

for (const path of process.argv.slice(2)) {
  const visits: readonly Visit[] = JSON.parse(await readFile(path, 'utf8'));
  console.log(
    `${path}: ${visits.length} visits\n\n${speedTable(visits)}\n\n${slopeTable(visits)}\n\n${roundTable(visits)}\n`,
  );
}
