import { type Analysis, allTables, type Table, verdictOf } from '@judge-decoding/eval';
import type { Paint } from '../render/paint.ts';
import { table } from '../render/table.ts';
import { wrap } from '../render/wrap.ts';

/** The verdict, and the tables that fit a terminal; the page has the rest. */
export function analysisLines(analysis: Analysis, paint: Paint, columns: number): readonly string[] {
  const tables = allTables(analysis).filter(
    ({ title }) => title !== 'By task' || analysis.domains.length > 1,
  );
  return [
    ...verdictOf(analysis).flatMap((sentence) => wrap(sentence.replaceAll('`', ''), Math.min(columns, 100))),
    ...tables.flatMap((one) => ['', paint.bold(one.title), ...tableLines(one, paint, columns)]),
    ...(analysis.notes.length === 0 ? [] : ['', paint.bold('What this does not show')]),
    ...analysis.notes.flatMap((note) => wrap(note.replaceAll('`', ''), Math.min(columns, 100))),
  ];
}

/** Columns that do not fit are put under each other in further tables, each with the arm's name. */
export function tableLines({ head, rows }: Table, paint: Paint, columns: number): readonly string[] {
  const widths = head.map((title, c) => Math.max(title.length, ...rows.map((row) => (row[c] ?? '').length)));
  const groups: number[][] = [];
  for (let c = 1; c < head.length; c++) {
    const last = groups.at(-1);
    const used =
      last === undefined
        ? Number.POSITIVE_INFINITY
        : last.reduce((sum, at) => sum + 2 + widths[at]!, widths[0]!);
    if (last !== undefined && used + 2 + widths[c]! <= columns) last.push(c);
    else groups.push([c]);
  }
  return groups.flatMap((group, index) => {
    const shown = [0, ...group];
    const lines = table(
      shown.map((c) => ({ title: head[c]!, align: c === 0 ? ('left' as const) : ('right' as const) })),
      rows.map((row) => shown.map((c) => row[c] ?? '')),
      paint,
    );
    return index === 0 ? lines : ['', ...lines];
  });
}
