import { wrap } from './wrap.ts';

/** A command line, and what it is for. */
export type Example = readonly [command: string, what?: string];

const GAP = 3;

/**
 * "Examples:" with what each is for beside it where the terminal is wide enough, else above it as a
 * shell comment. A command itself is never broken: it shall be copied.
 */
export function examples(title: string, list: readonly Example[], columns: number): string {
  const width = Math.max(...list.map(([command]) => command.length));
  const fits = list.every(([, what = '']) => 2 + width + GAP + what.length <= columns);
  const lines = list.flatMap(([command, what]) => {
    if (what === undefined) return [`  ${command}`];
    return fits ? [`  ${command.padEnd(width + GAP)}${what}`] : [`  # ${what}`, `  ${command}`];
  });
  return [`${title}:`, ...lines].join('\n');
}

/** Names in one column, what they mean in the other, broken at blanks. */
export function definitions(title: string, list: readonly Example[], columns: number): string {
  const width = Math.max(...list.map(([name]) => name.length)) + 2;
  const lines = list.flatMap(([name, what = '']) => {
    const [first = '', ...rest] = wrap(what, Math.max(24, columns - width - 2));
    return [`  ${name.padEnd(width)}${first}`, ...rest.map((line) => `  ${' '.repeat(width)}${line}`)];
  });
  return [`${title}:`, ...lines].join('\n');
}
