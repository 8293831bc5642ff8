import xterm from '@xterm/headless';

/** A line as a reader sees it: what the terminal broke because it was too long is one line. */
export interface ScreenLine {
  readonly text: string;
  /** Rows that the terminal made of it. */
  readonly rows: number;
}

/**
 * What a terminal of so many columns shows of some output. Like many, this one shows an emoji that is joined
 * of several as those: tests use none where columns count.
 */
export async function screenOf(output: string, columns: number): Promise<readonly ScreenLine[]> {
  const terminal = new xterm.Terminal({
    cols: columns,
    rows: 50,
    scrollback: 100_000,
    allowProposedApi: true,
    convertEol: true,
  });
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  const { active } = terminal.buffer;
  const lines: { text: string; rows: number }[] = [];
  for (let y = 0; y < active.length; y++) {
    const row = active.getLine(y)!;
    const text = row.translateToString(true);
    if (row.isWrapped && lines.length > 0) {
      lines.at(-1)!.text += text;
      lines.at(-1)!.rows++;
    } else lines.push({ text, rows: 1 });
  }
  terminal.dispose();
  while (lines.at(-1)?.text === '') lines.pop();
  return lines;
}
