import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import { unreadable } from '@judge-decoding/long-work';

/** A row of a file, and where it stands, for errors. */
export interface FileRow {
  readonly value: Readonly<Record<string, unknown>>;
  readonly where: string;
}

/** The largest published file has 4 MB; more than this is something else. */
const MAX_BYTES = 512 * 1024 * 1024;

/** The first of `candidates` that is there, below `folder`. */
export async function findFile(folder: string, candidates: readonly string[], what: string): Promise<string> {
  for (const candidate of candidates) {
    const path = join(folder, candidate);
    const found = await stat(path).catch(() => undefined);
    if (found?.isFile()) return path;
  }
  const shown = candidates.map((candidate) => `\`${candidate}\``).join(' or ');
  throw new JudgeDecodingError(
    'not-found',
    `Expected ${what} in \`${folder}\` as ${shown}, found none. Name the folder that holds it.`,
  );
}

export async function readText(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MAX_BYTES)
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected at most ${MAX_BYTES} bytes in \`${path}\`, got ${size}.`,
      );
    return (await readFile(path, 'utf8')).replace(/^\ufeff/, '');
  } catch (cause) {
    if (JudgeDecodingError.is(cause)) throw cause;
    throw unreadable(path, 'a file of rows', cause);
  }
}

/** Lines of JSON objects; empty lines are passed over. */
export async function readJsonLines(path: string): Promise<readonly FileRow[]> {
  const rows: FileRow[] = [];
  for (const [index, line] of (await readText(path)).split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `${path}:${index + 1}`;
    rows.push({ value: objectOf(parseJson(line, where), where), where });
  }
  return rows;
}

/** A JSON list of objects. */
export async function readJsonList(path: string): Promise<readonly FileRow[]> {
  const list = parseJson(await readText(path), path);
  if (!Array.isArray(list))
    throw new JudgeDecodingError('invalid-file', `Expected a JSON list in \`${path}\`.`);
  return list.map((value, index) => {
    const where = `${path}, entry ${index}`;
    return { value: objectOf(value, where), where };
  });
}

function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new JudgeDecodingError('invalid-file', `Expected JSON at ${where}, got ${brief(text)}.`, { cause });
  }
}

function objectOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Readonly<Record<string, unknown>>;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected a JSON object at ${where}, got ${brief(JSON.stringify(value))}.`,
  );
}

const brief = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

export function textField({ value, where }: FileRow, name: string): string {
  const found = value[name];
  if (typeof found === 'string') return found;
  throw missing(where, name, 'a text', found);
}

export function numberField({ value, where }: FileRow, name: string): number {
  const found = value[name];
  if (typeof found === 'number' && Number.isFinite(found)) return found;
  throw missing(where, name, 'a number', found);
}

export function textsField({ value, where }: FileRow, name: string): readonly string[] {
  const found = value[name];
  if (Array.isArray(found) && found.every((one) => typeof one === 'string')) return found;
  throw missing(where, name, 'a list of texts', found);
}

function missing(where: string, name: string, kind: string, found: unknown): JudgeDecodingError {
  const got = found === undefined ? 'none' : brief(JSON.stringify(found));
  return new JudgeDecodingError(
    'invalid-file',
    `Expected \`${name}\` at ${where} to be ${kind}, got ${got}.`,
  );
}

/** Files of a benchmark have as many rows as were published: another count is another or a cut file. */
export function checkCount(
  got: number,
  published: number,
  path: string,
  count: 'published' | 'any' = 'published',
): void {
  if (count === 'any' || got === published) return;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected ${published} rows in \`${path}\`, which is what was published, got ${got}. Fetch the file again, or allow another count.`,
  );
}
