import { JudgeDecodingError } from '@judge-decoding/core';

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
