import { pick, type Random } from './random.ts';
import { type Knowledge, type Line, type Mistake, slipOf } from './step.ts';
import type { TableFacts } from './table-facts.ts';
import { fork, type Wording } from './wording.ts';

export const otherRow = (row: number, count: number, random: Random): number =>
  count < 2 ? row : (row + 1 + Math.floor(random() * (count - 1))) % count;

/** Rows from `from` on with one exchanged for another, or left out. */
export function swappedAt(known: Knowledge, from: number, count: number, random: Random): Knowledge {
  const rows = known.slice(from);
  const at = Math.floor(random() * rows.length);
  if (rows.length > 1 && random() < 0.5) rows.splice(at, 1);
  else rows[at] = otherRow(rows[at] ?? 0, count, random);
  return [...known.slice(0, from), ...rows];
}

/**
 * A name and its number, in the table and in every line that looks it up: the same tokens in the
 * same order, with forks around them but never between them, so that a small model can learn to copy.
 */
export const entry = (name: string, separator: string, value: number): string =>
  `${name}${separator}${value}${separator.endsWith('(') ? ')' : ''}`;

export const lookUp = (name: string, value: number, { separator }: TableFacts): Wording => [
  fork('we check', 'we read', 'we look at', 'we take'),
  ' ',
  fork('the entry', 'the cell', 'the place', 'the pair'),
  ` ${entry(name, separator, value)}`,
  fork('', ' of the table', ' as listed', ' as given'),
];

export const compared = (value: number, sign: number, best: number): Wording => [
  value,
  ' ',
  sign > 0
    ? fork('is more than', 'beats', 'is above', 'exceeds')
    : sign < 0
      ? fork('is less than', 'stays below', 'is under', 'does not reach')
      : fork('is the same as', 'equals', 'is just like'),
  ' ',
  best,
];

export const leadOf = (opens: boolean): Wording =>
  opens
    ? fork('First,', 'To begin,', 'For a start,', 'Initially,')
    : fork('For the second part,', 'Turning to the other part,', 'As to the rest,');

export const next: Wording = fork('Then', 'Next,', 'After that,', 'Now', 'From there');

export function misread(
  { cells }: TableFacts,
  row: number,
  random: Random,
  line: (row: number, value: number) => Line,
): Mistake {
  const kind = 'misread' as const;
  const way = random();
  const wrongRow = pick(random, [...cells.keys()]);
  if (way < 0.4) return { kind, ...line(row, cells[wrongRow]!) };
  if (way < 0.8) return { kind, ...line(row, slipOf(cells[row]!, random)) };
  return { kind, ...line(wrongRow, cells[wrongRow]!) };
}
