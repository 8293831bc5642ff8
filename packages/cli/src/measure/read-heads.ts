import type { JudgeHead } from '@judge-decoding/core';
import { badFlag } from '../options/flag-value.ts';
import { readHeadFile } from '../pair/read-head-file.ts';
import { digestOfFile } from './digests.ts';

/** Heads by the names under which arms ask for them. */
export interface Heads {
  readonly byName: Readonly<Record<string, JudgeHead>>;
  /** Digests of their files. */
  readonly digests: Readonly<Record<string, string>>;
}

/** `file`, which is then called `given`, or `name=file`. The pair's own head is taken where none is named. */
export async function readHeads(named: readonly string[] = [], own: string | undefined): Promise<Heads> {
  const files = named.length > 0 ? named.map(nameAndFile) : own === undefined ? [] : [['own', own] as const];
  const byName: Record<string, JudgeHead> = {};
  const digests: Record<string, string> = {};
  for (const [name, file] of files) {
    if (Object.hasOwn(byName, name))
      throw badFlag('--head', 'heads of different names, as in shuffled=FILE', `${name} twice`);
    byName[name] = await readHeadFile(file);
    digests[name] = await digestOfFile(file);
  }
  return { byName, digests };
}

function nameAndFile(text: string): readonly [string, string] {
  const [, name, file] = /^([\w-]+)=(.+)$/.exec(text) ?? [];
  return name === undefined || file === undefined ? ['given', text] : [name, file];
}
