import { checkRows, type RuleRow } from '@judge-decoding/core';
import { exportOf } from './module-flag.ts';

/** A rule's row comes with the name of its file where it is not one of ours. */
export interface LoadedRules {
  readonly rules: readonly RuleRow[];
  /** Files by the names of the rules in them. */
  readonly from: Readonly<Record<string, string>>;
}

/**
 * Rules of others: modules whose default export (or `rules`) is a row or a list of rows. They are read
 * before anything else, because flags are parsed and help is written by the table. Code in them runs.
 */
export async function loadRules(argv: readonly string[], known: readonly RuleRow[]): Promise<LoadedRules> {
  let rules = known;
  const from: Record<string, string> = {};
  for (const file of filesOf(argv)) {
    const added = checkRows(await exportOf(file, '--rules', 'rules'), { where: file, known: rules });
    for (const { name } of added) from[name] = file;
    rules = [...rules, ...added];
  }
  return { rules, from };
}

/** What follows each `--rules`; a name without a file is left for the parser to complain about. */
function filesOf(argv: readonly string[]): readonly string[] {
  const files: string[] = [];
  for (const [index, argument] of argv.entries()) {
    if (argument === '--') break;
    const next = argv[index + 1];
    if (argument === '--rules' && next !== undefined && !next.startsWith('-')) files.push(next);
    else if (argument.startsWith('--rules=')) files.push(argument.slice('--rules='.length));
  }
  return [...new Set(files)];
}
