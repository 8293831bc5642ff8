import { padded, seenWidth } from './width.ts';
import { hanging, wrap } from './wrap.ts';

/** A command line, and what it is for. */
export type Example = readonly [command: string, what?: string];

const GAP = 3;

/**
 * "Examples:" with what each is for beside it where the terminal is wide enough, else above it as a
 * shell comment.
 */
export function examples(title: string, list: readonly Example[], columns: number): string {
  const width = Math.max(...list.map(([command]) => seenWidth(command)));
  const fits = list.every(([, what = '']) => 2 + width + GAP + seenWidth(what) <= columns);
  const lines = list.flatMap(([command, what]) => {
    if (what !== undefined && fits) return [`  ${padded(command, width + GAP)}${what}`];
    const comment = what === undefined ? [] : wrap(what, columns - 4).map((line) => `  # ${line}`);
    return [...comment, ...commandLines(command, columns - 2).map((line) => `  ${line}`)];
  });
  return [...wrap(`${title}:`, columns), ...lines].join('\n');
}

/**
 * A command that can be copied: broken before a flag or a bar, as shells allow it, and between the values of a flag
 * where those have no room on a line.
 */
function commandLines(command: string, columns: number): readonly string[] {
  const lines: string[] = [];
  const parts = command
    .split(/ (?=--?\w|\|)|(?<=^judge \w+) (?=")/)
    .flatMap((part) =>
      seenWidth(part) <= columns - 4 ? [part] : (part.match(/(?:'[^']*'|"[^"]*"|\S)+/g) ?? []),
    );
  for (const part of parts) {
    const longer = lines.length === 0 ? part : `${lines.at(-1)} ${part}`;
    if (lines.length > 0 && seenWidth(longer) <= columns - 2) lines[lines.length - 1] = longer;
    else lines.push(lines.length === 0 ? part : `  ${part}`);
  }
  return lines.map((line, index) => (index === lines.length - 1 ? line : `${line} \\`));
}

/** Names in one column, what they mean in the other, broken at blanks. */
export function definitions(title: string, list: readonly Example[], columns: number): string {
  const width = Math.max(...list.map(([name]) => seenWidth(name))) + 2;
  const lines = list.flatMap(([name, what = '']) => hanging(`  ${padded(name, width)}`, what, columns));
  return [...wrap(`${title}:`, columns), ...lines].join('\n');
}
