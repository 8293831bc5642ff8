import { type RuleParameter, type RuleRow, sayNeeds, sayRange, signatureOf } from '@judge-decoding/core';

/** The short table: what is there, what it does, whether it is lossless. */
export const shortTable = (rules: readonly RuleRow[]): string =>
  markdown(
    ['rule', 'what it does', 'from', 'lossless'],
    rules.map((row) => [`\`${signatureOf(row)}\``, row.sentence, fromOf(row), row.lossless ? 'yes' : 'no']),
  );

/** All that the table knows. */
export const fullTable = (rules: readonly RuleRow[]): string =>
  markdown(
    ['rule', 'what it does', 'numbers', 'what it needs', 'from'],
    rules.map((row) => [
      `\`${signatureOf(row)}\``,
      row.sentence,
      row.parameters.map(sayParameter).join('; ') || '–',
      sayNeeds(row),
      fromOf(row),
    ]),
  );

const fromOf = ({ source, control }: RuleRow): string => (control ? 'a control' : source);

function sayParameter(parameter: RuleParameter): string {
  const { name, default: usual } = parameter;
  return `${name}: ${sayRange(parameter)}${usual === undefined ? '' : ` (${usual})`}`;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
