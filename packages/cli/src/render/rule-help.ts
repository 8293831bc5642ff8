import { type RuleRow, signatureOf } from '@judge-decoding/core';
import { definitions, type Example } from './examples.ts';

/** Every row of the table, and how rows are joined. */
export function ruleSections(rules: readonly RuleRow[], columns: number): readonly string[] {
  const shown = (title: string, rows: readonly RuleRow[]) =>
    definitions(
      title,
      rows.map((row): Example => [signatureOf(row), describeRule(row)]),
      columns,
    );
  const admissions = rules.filter(({ kind }) => kind === 'admission');
  return [
    shown(
      'Bases for --verify, at most one and in front',
      rules.filter(({ kind }) => kind === 'base'),
    ),
    shown(
      'Admissions, joined by +; any may let a token in; lossy',
      admissions.filter(({ control }) => !control),
    ),
    shown(
      'Controls, to measure others against; lossy',
      admissions.filter(({ control }) => control),
    ),
  ];
}

function describeRule({ kind, sentence, source, lossless, control, parameters }: RuleRow): string {
  const usual = parameters
    .filter((parameter) => parameter.default !== undefined)
    .map((parameter) => `${parameter.name} ${parameter.default}`);
  const known = [...(control ? [] : [source]), ...usual];
  const said = known.length === 0 ? sentence : `${sentence} (${known.join('; ')})`;
  return kind === 'base' ? `${said}; ${lossless ? 'lossless' : 'lossy'}` : said;
}
