import { agreed, agreements, checkDataSet } from '@judge-decoding/train/data-set';
import { EXIT } from '../exit-code.ts';
import { printable } from '../render/printable.ts';
import { writeWrapped } from '../render/wrap.ts';
import { readDataSet } from '../train/read-data-set.ts';
import type { World } from '../world.ts';

/** Reads data sets, names every line that is wrong and why, and says how annotators agree. */
export async function trainCheckCommand(files: readonly string[], { terminal }: World): Promise<number> {
  let faulty = 0;
  for (const file of files) {
    const text = await readDataSet(file);
    const { rows, faults } = checkDataSet(text, file);
    for (const { message } of faults) writeWrapped(terminal.out, printable(message));
    faulty += faults.length;
    const open = rows.filter((row) => row.wrong !== undefined && agreed(row).decision === 'open').length;
    const tuples = rows.filter(({ correct, wrong }) => correct !== undefined && wrong !== undefined).length;
    writeWrapped(
      terminal.out,
      `${file}: ${rows.length === 1 ? 'one row' : `${rows.length} rows`}, ${tuples} with both answers, ${open} to be marked; ${faults.length === 1 ? 'one line is' : `${faults.length} lines are`} wrong.`,
    );
    for (const one of agreements(rows))
      writeWrapped(
        terminal.out,
        `${one.first} and ${one.second}: ${one.rows} rows, kappa ${Number.isNaN(one.kappa) ? '–' : one.kappa.toFixed(2)}, the same decision ${(100 * one.same).toFixed(0)} %, the same place ${one.marked === 0 ? '–' : `${(100 * one.samePlace).toFixed(0)} % of ${one.marked}`}`,
      );
  }
  return faulty === 0 ? EXIT.ok : EXIT.file;
}
