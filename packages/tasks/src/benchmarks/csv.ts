import { JudgeDecodingError } from '@judge-decoding/core';

/** Rows of cells, with the line each begins in. Quotes, doubled quotes and line breaks inside them as in RFC 4180. */
export function parseCsv(
  text: string,
  where: string,
): readonly { readonly cells: readonly string[]; readonly line: number }[] {
  const rows: { cells: string[]; line: number }[] = [];
  let cells: string[] = [];
  let cell = '';
  let quoted = false;
  let line = 1;
  let begun = 1;
  const endRow = () => {
    cells.push(cell);
    if (cells.length > 1 || cells[0] !== '') rows.push({ cells, line: begun });
    [cells, cell] = [[], ''];
    begun = line;
  };
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '\n') line++;
    if (quoted) {
      if (char !== '"') cell += char;
      else if (text[at + 1] === '"') {
        cell += '"';
        at++;
      } else quoted = false;
    } else if (char === '"' && cell === '') quoted = true;
    else if (char === ',') {
      cells.push(cell);
      cell = '';
    } else if (char === '\n') endRow();
    else if (char !== '\r' || text[at + 1] !== '\n') cell += char;
  }
  if (quoted)
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected a closing quote in ${where}: the row that begins in line ${begun} has none.`,
    );
  if (cell !== '' || cells.length > 0) endRow();
  return rows;
}
