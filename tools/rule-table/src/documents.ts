import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { JudgeDecodingError, type RuleRow } from '@judge-decoding/core';
import { fullTable, shortTable } from './tables.ts';

interface Section {
  /** What stands in the markers: `<!-- rules: bases -->`. */
  readonly name: string;
  table(rules: readonly RuleRow[]): string;
}

const bases = (rules: readonly RuleRow[]) => rules.filter(({ kind }) => kind === 'base');
const admissions = (rules: readonly RuleRow[]) =>
  rules.filter((row) => row.kind === 'admission' && !row.control);

/** Parts of documents that are made from the table. */
const SECTIONS: readonly Section[] = [
  { name: 'short', table: (rules) => shortTable([...bases(rules), ...admissions(rules)]) },
  { name: 'bases', table: (rules) => fullTable(bases(rules)) },
  { name: 'admissions', table: (rules) => fullTable(admissions(rules)) },
  { name: 'controls', table: (rules) => fullTable(rules.filter(({ control }) => control)) },
];

/** Documents with such parts, from the repository's root. */
export const DOCUMENTS = ['README.md', 'docs/rules.md'] as const;

export const pathOf = (document: string): string =>
  fileURLToPath(new URL(`../../../${document}`, import.meta.url));

/** The document as it should read. */
export async function written(document: string, rules: readonly RuleRow[]): Promise<string> {
  let text = await readFile(pathOf(document), 'utf8');
  let found = 0;
  for (const { name, table } of SECTIONS) {
    const marked = new RegExp(`(<!-- rules: ${name} -->)[\\s\\S]*?(<!-- rules: end -->)`);
    if (!marked.test(text)) continue;
    found++;
    text = text.replace(marked, (_, begin: string, end: string) => `${begin}\n\n${table(rules)}\n\n${end}`);
  }
  if (found === 0) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected a part between \`<!-- rules: ${SECTIONS[0]!.name} -->\` and \`<!-- rules: end -->\` in ${document}, found none.`,
    );
  }
  return text;
}
