import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';

/** The file appears complete or not at all. */
export async function writeAtomically(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(temporary, content);
    await rename(temporary, path);
  } catch (cause) {
    // a folder that is a file: nothing is there to be removed, and what went wrong is told below
    await rm(temporary, { force: true }).catch(() => undefined);
    throw new JudgeDecodingError('io', `Could not write \`${path}\`. Check the folder and the free space.`, {
      cause,
    });
  }
}

/** The file's text, or nothing where there is no such file. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (typeof cause === 'object' && cause !== null && 'code' in cause && cause.code === 'ENOENT')
      return undefined;
    throw new JudgeDecodingError('io', `Could not read \`${path}\`.`, { cause });
  }
}

/** SHA-256 of the parts one after another, in hexadecimal. */
export const sha256 = (...parts: readonly (string | Uint8Array)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** How a folder that was begun with less becomes one of these settings. */
export interface Growth {
  /** Settings that may differ; all others are the same when `bringUp` is asked. */
  readonly of: readonly string[];
  /** Removes what does not stay, and says whether what stays is a part of what is asked for now. */
  bringUp(before: Readonly<Record<string, unknown>>): Promise<boolean>;
}

/**
 * Keeps what a folder of shards was made from in `<folder>/manifest.json`, so that a run continues
 * only what it began itself, or, with `growth`, a part of it. A folder begun with other settings is an error of code
 * `mismatch`.
 */
export async function claimFolder(
  folder: string,
  settings: Readonly<Record<string, unknown>>,
  growth?: Growth,
): Promise<void> {
  const path = `${folder}/manifest.json`;
  const ours = `${JSON.stringify(settings, null, 1)}\n`;
  const theirs = await readIfThere(path);
  if (theirs === undefined) return writeAtomically(path, ours);
  if (theirs === ours) return;
  const before = parse(theirs, path);
  if (growth !== undefined && without(before, growth.of) === without(settings, growth.of))
    if (await growth.bringUp(before)) return writeAtomically(path, ours);
  const shown = differences(before, settings)
    .map(({ at, there, now }) => `${at.join('.')}: ${brief(there)} there, ${brief(now)} now`)
    .join('; ');
  throw new JudgeDecodingError(
    'mismatch',
    `\`${folder}\` was begun with other settings (${shown || 'another version'}). Use the same settings to continue it, or another folder.`,
  );
}

const without = (settings: Readonly<Record<string, unknown>>, names: readonly string[]): string =>
  JSON.stringify(Object.entries(settings).filter(([name]) => !names.includes(name)));

function parse(json: string, path: string): Readonly<Record<string, unknown>> {
  const damaged = (cause?: unknown) =>
    new JudgeDecodingError('invalid-file', `\`${path}\` is not JSON. Use another folder.`, { cause });
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw damaged(cause);
  }
  if (!isObject(value)) throw damaged();
  return value;
}

interface Difference {
  readonly at: readonly string[];
  readonly there: unknown;
  readonly now: unknown;
}

/** What differs, as deep down as both are objects. */
function differences(there: unknown, now: unknown, at: readonly string[] = []): readonly Difference[] {
  if (JSON.stringify(there) === JSON.stringify(now)) return [];
  if (!isObject(there) || !isObject(now)) return [{ at, there, now }];
  return Object.keys(now).flatMap((key) => differences(there[key], now[key], [...at, key]));
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Digests, too, are told apart by their beginning. */
function brief(value: unknown): string {
  if (typeof value === 'string' && /^[0-9a-f]{64}$/.test(value)) return value.slice(0, 12);
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > 80 ? `${json.slice(0, 77)}…` : json;
}
