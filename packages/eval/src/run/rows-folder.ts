import { appendFile, mkdir, readdir, readFile, truncate } from 'node:fs/promises';
import { JudgeDecodingError } from '@judge-decoding/core';
import { parseRow, type Row, rowKey } from './row.ts';

/** Where rows go, and what is there already. */
export interface RowSink {
  has(row: Parameters<typeof rowKey>[0]): boolean;
  append(row: Row): Promise<void>;
}

/**
 * Opens a folder of rows to go on writing to `rows-<part>.jsonl` in it. Several processes may write
 * to one folder, each to a part of its own. A last line that was cut off by a kill is removed.
 */
export async function openRows(folder: string, part = '0'): Promise<RowSink> {
  await mkdir(folder, { recursive: true });
  const path = `${folder}/rows-${part}.jsonl`;
  await removeTornLine(path);
  const done = new Set((await readRows(folder)).map(rowKey));
  return {
    has: (row) => done.has(rowKey(row)),
    async append(row) {
      // one write in append mode: lines of different processes do not mix, and a kill tears the last one at most
      await appendFile(path, `${JSON.stringify(row)}\n`);
      done.add(rowKey(row));
    },
  };
}

/**
 * All rows of all parts, in the order of (part, line). A torn last line is left out.
 *
 * @throws JudgeDecodingError `not-found` where there is no such folder.
 */
export async function readRows(folder: string): Promise<readonly Row[]> {
  const names = await readdir(folder).catch((cause) => {
    throw new JudgeDecodingError('not-found', `No rows in \`${folder}\`: there is no such folder.`, {
      cause,
    });
  });
  const rows: Row[] = [];
  for (const name of names.filter((one) => /^rows-.*\.jsonl$/.test(one)).sort()) {
    const text = await readFile(`${folder}/${name}`, 'utf8');
    const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
    for (const [i, line] of lines.entries())
      if (line !== '') rows.push(parseRow(line, `${folder}/${name}:${i + 1}`));
  }
  return rows;
}

/** A sink in memory. */
export function rowList(): RowSink & { readonly rows: readonly Row[] } {
  const rows: Row[] = [];
  const done = new Set<string>();
  return {
    rows,
    has: (row) => done.has(rowKey(row)),
    async append(row) {
      rows.push(row);
      done.add(rowKey(row));
    },
  };
}

async function removeTornLine(path: string): Promise<void> {
  const bytes = await readFile(path).catch(() => undefined);
  if (bytes === undefined || bytes.length === 0 || bytes.at(-1) === 10) return;
  await truncate(path, bytes.lastIndexOf(10) + 1);
}
