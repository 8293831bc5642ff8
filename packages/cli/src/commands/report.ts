import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { compareResults, mergeResults, readResults, writeReport } from '@judge-decoding/eval';
import { EXIT } from '../exit-code.ts';
import { analysisLines, tableLines } from '../measure/result-lines.ts';
import { badFlag } from '../options/flag-value.ts';
import { paintFor } from '../render/paint.ts';
import { wrap } from '../render/wrap.ts';
import { widthOf } from '../terminal.ts';
import type { World } from '../world.ts';

export interface ReportFlags {
  readonly compare?: boolean;
  readonly merge?: string;
  readonly out?: string;
  readonly color: boolean;
}

/** Rebuilds a report, holds two folders side by side, or makes one folder of several. */
export async function reportCommand(
  folders: readonly string[],
  flags: ReportFlags,
  { terminal }: World,
): Promise<number> {
  const paint = paintFor(terminal.out, terminal.env, flags);
  const columns = widthOf(terminal.out);
  const print = (lines: readonly string[]) => {
    for (const line of lines) terminal.out.write(`${line}\n`);
  };
  if (flags.compare) {
    const [a, b, ...rest] = folders;
    if (a === undefined || b === undefined || rest.length > 0)
      throw badFlag('--compare', 'followed by two result folders', folders.join(' '));
    const { table, notes, html } = compareResults(await readResults(a), await readResults(b));
    const path = flags.out ?? join(b, 'comparison.html');
    await writeFile(path, html);
    print([
      ...tableLines(table, paint, columns),
      '',
      ...notes.flatMap((note) => wrap(note.replaceAll('`', ''), Math.min(columns, 100))),
    ]);
    terminal.err.write(`\n${path}\n`);
    return EXIT.ok;
  }
  if (flags.merge !== undefined) await mergeResults(flags.merge, folders);
  else if (folders.length !== 1)
    throw badFlag(
      'the folder',
      'one result folder, or two with --compare, or several with --merge OUT',
      folders.join(' '),
    );
  const folder = flags.merge ?? folders[0]!;
  const analysis = await writeReport(folder);
  print(analysisLines(analysis, paint, columns));
  terminal.err.write(`\n${join(folder, 'report.html')}\n`);
  return EXIT.ok;
}
