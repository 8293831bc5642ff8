import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { checkRows, JudgeDecodingError, type RuleRow } from '@judge-decoding/core';

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
    const added = checkRows(await exportOf(file), { where: file, known: rules });
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

async function exportOf(file: string): Promise<unknown> {
  const path = resolve(file);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected --rules to be a module with rules in it, found ${found === undefined ? 'nothing' : 'no file'} at ${file === '' ? 'an empty path' : file}.`,
    );
  }
  let exported: Record<string, unknown>;
  try {
    exported = await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected --rules to be a module with rules in it, ${file} cannot be loaded: ${firstLine(cause)}. Write it as an ES module (.mjs).`,
      { cause },
    );
  }
  const rows = exported.default ?? exported.rules;
  if (rows !== undefined) return rows;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected ${file} to export its rules as default or as \`rules\`, it exports ${Object.keys(exported).join(', ') || 'nothing'}.`,
  );
}

const firstLine = (cause: unknown): string =>
  String((cause as Error)?.message ?? cause)
    .split('\n')[0]!
    .trim();
