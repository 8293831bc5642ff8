import { commandLines } from './shell-command.ts';
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

/** Names in one column, what they mean in the other, broken at blanks. */
export function definitions(title: string, list: readonly Example[], columns: number): string {
  const width = Math.max(...list.map(([name]) => seenWidth(name))) + 2;
  const lines = list.flatMap(([name, what = '']) => hanging(`  ${padded(name, width)}`, what, columns));
  return [...wrap(`${title}:`, columns), ...lines].join('\n');
}
