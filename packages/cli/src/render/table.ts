import type { Paint } from './paint.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/** Columns as wide as they must be, two spaces apart, no rules. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
): readonly string[] {
  const widths = columns.map(({ title }, c) =>
    Math.max(title.length, ...rows.map((row) => (row[c] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => (columns[c]!.align === 'right' ? cell.padStart(widths[c]!) : cell.padEnd(widths[c]!)))
      .join('  ')
      .trimEnd();
  return [paint.dim(line(columns.map(({ title }) => title))), ...rows.map(line)];
}
