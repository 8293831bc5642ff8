import { open } from 'node:fs/promises';
import { JudgeDecodingError } from '@judge-decoding/core';
import { fileError } from './file-errors.ts';
import { scanJson } from './json-bounds.ts';

/** Reads a text file of at most `maxBytes`; `not-found` where there is none. */
export async function readBytes(path: string, maxBytes: number): Promise<Buffer> {
  const handle = await open(path, 'r').catch((cause) => {
    throw fileError(path, cause);
  });
  try {
    const { size } = await handle.stat();
    if (size > maxBytes) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected \`${path}\` to have at most ${maxBytes} bytes, got ${size}. Is it the right file?`,
      );
    }
    return await handle.readFile();
  } catch (cause) {
    throw JudgeDecodingError.is(cause) ? cause : fileError(path, cause);
  } finally {
    await handle.close();
  }
}

/** As `readBytes`, and refuses what is no UTF-8. */
export async function readText(path: string, maxBytes: number): Promise<string> {
  return decodeText(path, await readBytes(path, maxBytes));
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
export async function readJsonObject(path: string, maxBytes: number): Promise<Record<string, unknown>> {
  const bytes = await readBytes(path, maxBytes);
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
