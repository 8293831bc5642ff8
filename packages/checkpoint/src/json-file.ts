import { JudgeDecodingError } from '@judge-decoding/core';
import type { ModelFiles } from './byte-file.ts';
import { scanJson } from './json-bounds.ts';

/** Reads a file of at most `maxBytes`; `not-found` where there is none. */
async function readBytes(files: ModelFiles, name: string, maxBytes: number): Promise<Uint8Array> {
  const file = await files.open(name);
  try {
    if (file.size > maxBytes) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected \`${file.path}\` to have at most ${maxBytes} bytes, got ${file.size}. Is it the right file?`,
      );
    }
    const bytes = new Uint8Array(file.size);
    await file.read(bytes, 0);
    return bytes;
  } finally {
    await file.close();
  }
}

/** As `readBytes`, and refuses what is no UTF-8. */
export async function readText(files: ModelFiles, name: string, maxBytes: number): Promise<string> {
  return decodeText(files.pathOf(name), await readBytes(files, name, maxBytes));
}

function decodeText(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new JudgeDecodingError('invalid-file', `Expected \`${path}\` to be UTF-8 text, it is not.`, {
      cause,
    });
  }
}

/** Deeper than any file of a model folder goes, and far from what could exhaust a stack. */
const MAX_DEPTH = 64;

/** Reads a JSON object from a file of bounded size and depth. */
export async function readJsonObject(
  files: ModelFiles,
  name: string,
  maxBytes: number,
): Promise<Record<string, unknown>> {
  const path = files.pathOf(name);
  const bytes = await readBytes(files, name, maxBytes);
  if (scanJson(bytes, MAX_DEPTH).depth > MAX_DEPTH) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`${path}\` to nest at most ${MAX_DEPTH} deep, it goes deeper.`,
    );
  }
  const text = decodeText(path, bytes);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`${path}\` to hold JSON, it does not (${(cause as Error).message}). Is it complete?`,
      { cause },
    );
  }
  if (!isObject(parsed)) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected \`${path}\` to hold a JSON object, got ${shown(parsed)}.`,
    );
  }
  return parsed;
}

/** `undefined` where the file is missing; every other failure is an error. */
export async function ifPresent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (JudgeDecodingError.is(error, 'not-found')) return undefined;
    throw error;
  }
}

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A value from a file for an error message: as JSON, cut to a line. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}
