import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Row } from './row.ts';

/** What a model said of one turn of an answer. */
export interface Grade {
  readonly arm: string;
  readonly draftLength: number;
  readonly problem: string;
  readonly repeat: number;
  /** 0 or 1. */
  readonly turn: number;
  /** From 1 to 10; null where the model named none. */
  readonly score: number | null;
  /** Against plain decoding's answer, both orders asked; absent for plain decoding itself. */
  readonly against?: 'better' | 'worse' | 'tie' | null;
  /** Whether both orders agreed. */
  readonly consistent?: boolean;
  /** Who graded. */
  readonly by: string;
}

/** What a grade is of: two with the same key are of the same turn by the same grader. */
export const gradeKey = ({ arm, draftLength, problem, repeat, turn, by }: Omit<Grade, 'score'>): string =>
  JSON.stringify([arm, draftLength, problem, repeat, turn, by]);

const FILE = 'grades.jsonl';

/**
 * Grades that are there; a torn last line is one that is still to come.
 *
 * @throws JudgeDecodingError `invalid-file` where another line is no JSON.
 */
export async function readGrades(folder: string): Promise<readonly Grade[]> {
  const path = join(folder, FILE);
  const text = await readFile(path, 'utf8').catch(() => '');
  const lines = text.slice(0, text.lastIndexOf('\n') + 1).split('\n');
  return lines.flatMap((line, index): readonly Grade[] => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as Grade];
    } catch (cause) {
      throw new JudgeDecodingError('invalid-file', `Expected JSON at ${path}:${index + 1}.`, { cause });
    }
  });
}

/** Adds one line to the folder’s grades. */
export const appendGrade = (folder: string, grade: Grade): Promise<void> =>
  appendFile(join(folder, FILE), `${JSON.stringify(grade)}\n`);

/** One turn of one answer that a model can grade. */
export interface Gradable {
  readonly row: Row;
  readonly turn: number;
  /** Plain decoding's answer to the same; absent for plain decoding itself. */
  readonly reference: Row | undefined;
}

/** Every turn of every answer that was kept as text. */
export function gradable(rows: readonly Row[], reference: string): readonly Gradable[] {
  const plain = new Map(
    rows
      .filter((row) => row.arm === reference)
      .map((row) => [JSON.stringify([row.problem, row.repeat]), row]),
  );
  return rows.flatMap((row) =>
    (row.texts ?? []).map((_, turn) => ({
      row,
      turn,
      reference: row.arm === reference ? undefined : plain.get(JSON.stringify([row.problem, row.repeat])),
    })),
  );
}
