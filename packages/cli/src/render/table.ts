import type { Paint } from './paint.ts';
import { padded, seenWidth } from './width.ts';
import { joinWithin } from './wrap.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

/**
 * Columns as wide as they must be, two spaces apart, no rules. Where the terminal is too narrow for that,
 * each row is a paragraph: its first cell, and below it the others with their titles.
 */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
): readonly string[] {
  const widths = columns.map(({ title }, c) =>
    Math.max(seenWidth(title), ...rows.map((row) => seenWidth(row[c] ?? ''))),
  );
  const whole = widths.reduce((sum, each) => sum + each + GAP.length, -GAP.length);
  if (whole > width) return rows.flatMap((row) => paragraph(columns, row, width));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, c) => padded(cell, widths[c]!, columns[c]!.align))
      .join(GAP)
      .trimEnd();
  return [paint.dim(line(columns.map(({ title }) => title))), ...rows.map(line)];
}

const GAP = '  ';

function paragraph(columns: readonly Column[], row: readonly string[], width: number): readonly string[] {
  const [first, ...others] = columns.map(({ title }, c) => [title, row[c] ?? ''] as const);
  const said = others.map(([title, cell]) => `${title} ${cell}`);
  const [title, name] = first!;
  return [
    title === '' ? name : `${title} ${name}`,
    ...joinWithin(said, ' · ', width - GAP.length).map((line) => GAP + line),
  ];
}
