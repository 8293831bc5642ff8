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
  return new JudgeDecodingError('io', `Reading or writing \`${path}\` failed (${String(code ?? cause)}).`, {
    cause,
  });
}
