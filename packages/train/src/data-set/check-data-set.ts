import { JudgeDecodingError } from '@judge-decoding/core';
import { parseRow } from './parse-row.ts';
import type { DataSetRow } from './row.ts';

/** What is wrong with one line. */
export interface Fault {
  /** From 1. */
  readonly line: number;
  /** File, line and reason in one sentence. */
  readonly message: string;
}

export interface CheckedDataSet {
  /** The rows of the lines that are right, in order. */
  readonly rows: readonly DataSetRow[];
  /** Line of each row, from 1. */
  readonly lines: readonly number[];
  readonly faults: readonly Fault[];
}

/** Reads all lines of a data set (JSONL) and says what is wrong with each; `name` is the file, for messages. */
export function checkDataSet(text: string, name: string): CheckedDataSet {
  const rows: DataSetRow[] = [];
  const lines: number[] = [];
  const faults: Fault[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split('\n')
    .entries()) {
    if (line.trim() === '') continue;
    const number = index + 1;
    const where = `${name}:${number}`;
    try {
      const row = parseRow(line, where);
      const before = lineOf.get(row.id);
      if (before !== undefined) {
        const message = `Expected a row of its own id at ${where}, got \`${row.id}\`, which line ${before} has.`;
        faults.push({ line: number, message });
        continue;
      }
      lineOf.set(row.id, number);
      rows.push(row);
      lines.push(number);
    } catch (error) {
      if (!JudgeDecodingError.is(error)) throw error;
      faults.push({ line: number, message: error.message });
    }
  }
  return { rows, lines, faults };
}

/** All rows, or an error of code `invalid-file` that names the first fault and how many there are. */
export function parseDataSet(text: string, name: string): readonly DataSetRow[] {
  const { rows, faults } = checkDataSet(text, name);
  const [first] = faults;
  if (first !== undefined) {
    const more =
      faults.length === 1 ? '' : ` (and ${faults.length - 1} more; \`judge train check\` lists them)`;
    throw new JudgeDecodingError('invalid-file', `${first.message}${more}`);
  }
  if (rows.length === 0)
    throw new JudgeDecodingError('invalid-file', `Expected rows in \`${name}\`, found none.`);
  return rows;
}
