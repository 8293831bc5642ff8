import { readFile, stat } from 'node:fs/promises';
import { JudgeDecodingError, type JudgeHead, readHead } from '@judge-decoding/core';

/** Far above any head: 64 terms of 131,072 weights. */
const MAX_HEAD_BYTES = 64 * 1024 * 1024;

/** A head from disk; what is wrong with it is an error that names the file. */
export async function readHeadFile(path: string): Promise<JudgeHead> {
  try {
    const { size } = await stat(path);
    if (size > MAX_HEAD_BYTES) {
      throw new JudgeDecodingError(
        'invalid-file',
        `This is no judge head file: it has ${size} bytes, at most ${MAX_HEAD_BYTES} are read.`,
      );
    }
    return readHead(await readFile(path));
  } catch (cause) {
    if (JudgeDecodingError.is(cause))
      throw new JudgeDecodingError(cause.code, `${path}: ${cause.message}`, { cause });
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new JudgeDecodingError(
      missing ? 'not-found' : 'io',
      missing
        ? `Expected a judge head at ${path}, found nothing. \`judge train fit\` makes one.`
        : `Expected to read the judge head ${path}, got: ${(cause as Error).message}.`,
      { cause },
    );
  }
}
