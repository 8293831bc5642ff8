import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { partsOf } from '@judge-decoding/core';
import type { Arm } from '@judge-decoding/eval';

/** Tells one file's content from another's. */
export const digestOfFile = async (file: string): Promise<string> =>
  createHash('sha256')
    .update(await readFile(file))
    .digest('hex')
    .slice(0, 16);

/**
 * Digests of the modules (`--rules`) that arms use, by the names of their rules. What a module imports in turn is
 * not in them.
 */
export async function digestsOfRules(
  arms: readonly Arm[],
  files: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const digests: Record<string, string> = {};
  for (const name of new Set(arms.flatMap(ruleNames))) {
    const file = Object.hasOwn(files, name) ? files[name] : undefined;
    if (file !== undefined) digests[name] = await digestOfFile(file);
  }
  return digests;
}

function ruleNames(arm: Arm): readonly string[] {
  if (arm.decode !== 'speculative' || arm.verify.rule !== 'spec') return [];
  const { base, admit } = arm.verify.spec;
  return [base, ...(admit === undefined ? [] : partsOf(admit))].map(({ name }) => name);
}
