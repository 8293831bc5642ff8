import { seenWidth } from './width.ts';

/** A word as a shell takes it. */
export const quoted = (word: string): string =>
  /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

/** The flag and its value where there is one, for a command to copy. */
export const flagOf = (name: string, value: string | undefined): string =>
  value === undefined ? '' : ` ${name} ${quoted(value)}`;

/**
 * A command that can be copied: broken before a flag or a bar, as shells allow it, and between the values of a flag
 * where those have no room on a line.
 */
export function commandLines(command: string, columns: number): readonly string[] {
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
