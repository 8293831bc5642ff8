import { type Look, PLAIN, type Run, styled } from './ansi.ts';

interface Cell {
  readonly letter: string;
  readonly look: Look;
}

/** Lines that `script` adds of its own. */
const OF_SCRIPT = /^Script (started|done) on .*\r?\n?/gm;
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const PARTS = /\u001b\[([\d;]*)([A-Za-z])|[\r\n\b]|[^\u001b\r\n\b]/gu;

/**
 * What a terminal of so many columns shows after `recorded`: what a line editor draws over is gone.
 * Knows looks, the start of the line, a column, and clearing to the end; refuses anything else.
 */
export function screenOf(recorded: string, columns = Number.POSITIVE_INFINITY): readonly (readonly Run[])[] {
  const lines: Cell[][] = [[]];
  let row = 0;
  let column = 0;
  let look = PLAIN;
  const newLine = () => {
    row++;
    lines[row] ??= [];
  };
  const put = (letter: string) => {
    if (column >= columns) {
      newLine();
      column = 0;
    }
    const line = lines[row]!;
    while (line.length < column) line.push({ letter: ' ', look: PLAIN });
    line[column++] = { letter, look };
  };
  let read = 0;
  const text = recorded.replace(OF_SCRIPT, '');
  for (const match of text.matchAll(PARTS)) {
    const [part, codes = '', kind] = match;
    if (match.index !== read) throw unknown(text, read);
    read += part.length;
    if (kind === 'm') look = styled(look, codes);
    else if (kind === 'G') column = Math.max(0, Number(codes || 1) - 1);
    else if ((kind === 'K' || kind === 'J') && (codes === '' || codes === '0')) {
      lines[row]!.length = Math.min(lines[row]!.length, column);
      if (kind === 'J') lines.length = row + 1;
    } else if (kind !== undefined) throw unknown(text, match.index);
    else if (part === '\n') {
      newLine();
      // a file has no carriage returns: there a line's end goes back to the start
      column = 0;
    } else if (part === '\r') column = 0;
    else if (part === '\b') column = Math.max(0, column - 1);
    else put(part);
  }
  if (read !== text.length) throw unknown(text, read);
  return lines.map(runsOf);
}

const unknown = (text: string, at: number) =>
  new Error(
    `Expected looks, columns and clearing to the end, got ${JSON.stringify(text.slice(at, at + 8))} at ${at}.`,
  );

/** Neighbours that look alike, together. */
function runsOf(cells: readonly Cell[]): readonly Run[] {
  const runs: Run[] = [];
  for (const { letter, look } of cells) {
    const last = runs.at(-1);
    const same =
      last !== undefined &&
      last.bold === look.bold &&
      last.dim === look.dim &&
      last.underline === look.underline &&
      last.colour === look.colour;
    if (same) runs[runs.length - 1] = { ...last, text: last.text + letter };
    else runs.push({ ...look, text: letter });
  }
  return runs;
}
