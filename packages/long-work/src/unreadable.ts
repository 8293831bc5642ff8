import { readFile } from 'node:fs/promises';
import { JudgeDecodingError } from '@judge-decoding/core';

/** What the system's codes mean to people. */
const CAME: Readonly<Record<string, string>> = {
  ENOENT: 'found nothing',
  ENOTDIR: 'found nothing: a part of that path is a file',
  EISDIR: 'found a folder',
  EACCES: 'found one that may not be read',
  EPERM: 'found one that may not be read',
};

/** The error of a file that cannot be read. `what` as in "a trace"; `makes` says how to come by one. */
export function unreadable(path: string, what: string, cause: unknown, makes = ''): JudgeDecodingError {
  const { code, message } = cause as NodeJS.ErrnoException;
  const missing = code === 'ENOENT' || code === 'ENOTDIR';
  const came = CAME[String(code)] ?? `cannot read it (${code ?? message})`;
  return new JudgeDecodingError(
    missing ? 'not-found' : 'io',
    `Expected ${what} at ${path}, ${came}.${missing && makes !== '' ? ` ${makes}` : ''}`,
    { cause },
  );
}

/** @throws JudgeDecodingError `not-found`, or `io` for one that cannot be read */
export const readNamed = (path: string, what: string, makes = ''): Promise<Buffer> =>
  readFile(path).catch((cause) => {
    throw unreadable(path, what, cause, makes);
  });
