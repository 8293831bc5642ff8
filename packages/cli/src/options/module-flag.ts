import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { JudgeDecodingError } from '@judge-decoding/core';

/** What the module that a flag names exports, as default or by the name of what is wanted. Code in it runs. */
export async function exportOf(file: string, flag: string, what: string): Promise<unknown> {
  const path = resolve(file);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected ${flag} to be a module with ${what} in it, found ${found === undefined ? 'nothing' : 'no file'} at ${file === '' ? 'an empty path' : file}.`,
    );
  }
  let exported: Record<string, unknown>;
  try {
    exported = await import(pathToFileURL(path).href);
  } catch (cause) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected ${flag} to be a module with ${what} in it, ${file} cannot be loaded: ${firstLine(cause)}. Write it as an ES module (.mjs).`,
      { cause },
    );
  }
  const wanted = exported.default ?? exported[what];
  if (wanted !== undefined) return wanted;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected ${file} to export its ${what} as default or as \`${what}\`, it exports ${Object.keys(exported).join(', ') || 'nothing'}.`,
  );
}

const firstLine = (cause: unknown): string =>
  String((cause as Error)?.message ?? cause)
    .split('\n')[0]!
    .trim();
