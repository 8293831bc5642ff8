import { join as pathOf } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { writeAtomically } from '@judge-decoding/long-work';
import { PARTS } from './merge.ts';
import { type PartFile, readPart } from './store.ts';

/**
 * Takes over what other runs of the same engine found: parts, or items of one part, may run beside each
 * other, each into a folder of its own. What `folder` has already stays. Tells in a line what was taken.
 *
 * @throws `mismatch` where a part is of other engine sources, or only one of the two was made with --quick.
 */
export async function joinRuns(folder: string, others: readonly string[]): Promise<string> {
  let taken = 0;
  for (const other of others) {
    for (const name of PARTS) {
      const found = await readPart(other, name);
      if (found === undefined) continue;
      const known = (await readPart(folder, name)) ?? { ...found, items: {} };
      if (known.engine !== found.engine || known.quick !== found.quick) {
        throw new JudgeDecodingError(
          'mismatch',
          `Expected ${name} in ${other} to be of the engine in ${folder} (${saidOf(known)}), got ${saidOf(found)}. Join runs of one engine.`,
        );
      }
      const items = { ...found.items, ...known.items };
      taken += Object.keys(items).length - Object.keys(known.items).length;
      const joined: PartFile = { ...laterOf(known, found), items };
      await writeAtomically(pathOf(folder, `${name}.json`), `${JSON.stringify(joined, null, 1)}\n`);
    }
  }
  return `${folder}: ${taken} items taken over.`;
}

const saidOf = ({ engine, quick }: PartFile): string => `${engine}${quick ? ', --quick' : ''}`;

/** A part tells where it was run last. */
function laterOf(a: PartFile, b: PartFile): PartFile {
  const at = ({ environment }: PartFile) => String((environment as { readonly at?: string }).at ?? '');
  return at(a) >= at(b) ? a : b;
}
