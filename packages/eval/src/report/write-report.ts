import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { readIfThere, writeAtomically } from '@judge-decoding/long-work';
import { readGrades } from '../run/grades.ts';
import { readDivergences } from '../run/own-texts.ts';
import { readResults } from '../run/result-folder.ts';
import { type AnalyseOptions, type Analysis, analyse } from './analysis.ts';
import type { Example } from './examples.ts';
import { markdownTable } from './number-format.ts';
import { reportPage } from './report-page.ts';
import { acceptanceCsv, allTables } from './tables.ts';
import { verdictOf } from './verdict.ts';

/**
 * Rebuilds every table and picture of a result folder, from its files alone: report.html, report.md and the CSV files.
 *
 * @throws JudgeDecodingError `invalid-input` where the folder has no rows yet.
 */
export async function writeReport(folder: string, options: AnalyseOptions = {}): Promise<Analysis> {
  const results = await readResults(folder);
  if (results.rows.length === 0)
    throw new JudgeDecodingError('invalid-input', `Expected rows in \`${folder}\`, found none yet.`);
  const [grades, divergences] = [await readGrades(folder), await readDivergences(folder)];
  const analysis = analyse(results, { grades, divergences, ...options });
  const examples = await readExamples(folder);
  await writeAtomically(join(folder, 'report.html'), await reportPage(analysis, examples));
  await writeAtomically(join(folder, 'report.md'), markdownOf(analysis));
  await writeAtomically(join(folder, 'acceptance.csv'), acceptanceCsv(analysis));
  for (const { title, head, rows } of allTables(analysis))
    await writeAtomically(
      join(folder, `${title.toLowerCase().replaceAll('’', '').replaceAll(' ', '-')}.csv`),
      csv([head, ...rows]),
    );
  return analysis;
}

/** The file in a results folder that holds examples of lost and won answers. */
export const EXAMPLES_FILE = 'examples.json';

async function readExamples(folder: string): Promise<readonly Example[]> {
  const path = join(folder, EXAMPLES_FILE);
  const text = await readIfThere(path);
  if (text === undefined) return [];
  try {
    return JSON.parse(text) as readonly Example[];
  } catch (cause) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected JSON in \`${path}\`. Remove it to do without examples.`,
      { cause },
    );
  }
}

/** The report as Markdown: verdict, tables, and what they do not show. */
export function markdownOf(analysis: Analysis): string {
  const { fixed } = analysis.results.settings;
  return `${[
    `# ${fixed.task}`,
    ...verdictOf(analysis),
    ...allTables(analysis).map(
      ({ title, note, head, rows }) => `## ${title}\n\n${markdownTable(head, rows)}\n\n${note}`,
    ),
    `## What this does not show\n\n${analysis.notes.map((note) => `- ${note}`).join('\n')}`,
  ].join('\n\n')}\n`;
}

const csv = (rows: readonly (readonly string[])[]): string =>
  rows
    .map(
      (cells) =>
        `${cells.map((cell) => (/[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)).join(',')}\n`,
    )
    .join('');
