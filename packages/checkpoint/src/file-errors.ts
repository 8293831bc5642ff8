import { JudgeDecodingError } from '@judge-decoding/core';

/** A file that is shorter than it was when it was opened. */
export const endsBefore = (path: string, expected: number, position: number, got: number) =>
  new JudgeDecodingError(
    'invalid-file',
    `Expected ${expected} bytes at position ${position} of \`${path}\`, got ${got}: it was cut while open. Fetch or write it again.`,
  );

/** A failed call of the file system as our error: `not-found` where nothing is there, else `io`. */
export function fileError(path: string, cause: unknown): JudgeDecodingError {
  const code = (cause as { code?: unknown } | null)?.code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new JudgeDecodingError('not-found', `Expected \`${path}\` to exist, found nothing there.`, {
      cause,
    });
  }
  const why = WHY[String(code)];
  return new JudgeDecodingError(
    'io',
    `Reading or writing \`${path}\` failed (${String(code ?? cause)})${why === undefined ? '' : `: ${why}`}.`,
    { cause },
  );
}

/** What people can do where the system only gives a code. */
const WHY: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full. Make room, or name another folder',
  EDQUOT: 'your share of the disk is used up. Make room, or name another folder',
  EROFS: 'the disk cannot be written. Name another folder',
  EACCES: 'that is not allowed. Ask for the right, or name another folder',
  EPERM: 'that is not allowed. Ask for the right, or name another folder',
  EISDIR: 'it is a folder. Name a file',
  EMFILE: 'too many files are open. Raise the limit (ulimit -n), or do less at once',
};
