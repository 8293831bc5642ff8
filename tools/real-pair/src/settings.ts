import { execFileSync } from 'node:child_process';
import { mkdir, readFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { JudgeDecodingError } from '@judge-decoding/core';
import { writeAtomically } from '@judge-decoding/long-work';

/** What the rows of a folder have in common: rows of other settings do not belong beside them. */
export interface Settings {
  readonly target: string;
  readonly draft: string;
  /** Fingerprints of the weights. */
  readonly targetWeights: string;
  readonly draftWeights: string;
  /** Whether rows are the same bits in passes of any width. */
  readonly exact: boolean;
  /** As run. */
  readonly targetDtype: string;
  readonly draftDtype: string;
  readonly draftLength: number;
  readonly maxTokens: number;
  /** The judge head's data and threshold, where one was given. */
  readonly head?: string;
}

/** Where the rows come from; later runs into the same folder are added. */
export interface Machine {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
  readonly commit: string;
}

export interface Described {
  readonly settings: Settings;
  readonly runs: readonly Machine[];
}

/** Writes `run.json` into `folder`; a folder begun with other settings is an error of code `mismatch`. */
export async function describe(folder: string, settings: Settings): Promise<void> {
  await mkdir(folder, { recursive: true });
  const before = await described(folder);
  const [then, now] = [before?.settings ?? settings, settings];
  for (const name of new Set([...Object.keys(then), ...Object.keys(now)]) as Set<keyof Settings>) {
    // a head only adds an arm, but two heads would share its name
    if (then[name] === now[name] || (name === 'head' && (then.head === undefined || now.head === undefined)))
      continue;
    throw new JudgeDecodingError(
      'mismatch',
      `\`${folder}\` was begun with ${name} \`${then[name]}\`, not \`${now[name]}\`. Choose another --out.`,
    );
  }
  const run: Described = { settings: { ...then, ...now }, runs: [...(before?.runs ?? []), machine()] };
  // several processes may begin at a time
  await writeAtomically(`${folder}/run.json`, `${JSON.stringify(run, null, 1)}\n`);
}

/** What `describe` wrote; `undefined` in a folder without. */
export async function described(folder: string): Promise<Described | undefined> {
  const text = await readFile(`${folder}/run.json`, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : JSON.parse(text);
}

function machine(): Machine {
  return {
    date: new Date().toISOString(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: cpus().length,
    node: process.version,
    commit: commit(),
  };
}

function commit(): string {
  try {
    const stdio: 'pipe'[] = ['pipe', 'pipe', 'pipe'];
    return execFileSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8', stdio }).trim();
  } catch {
    return 'unknown';
  }
}
