import type { FileHandle } from 'node:fs/promises';
import { JudgeDecodingError } from '@judge-decoding/core';
import { fileError } from './file-errors.ts';

/** Fills `into` from `position` on. */
export async function readFully(
  path: string,
  handle: FileHandle,
  into: Uint8Array,
  position: number,
): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await handle
      .read(into, done, Math.min(into.length - done, 2 ** 30), position + done)
      .catch((cause) => {
        throw fileError(path, cause);
      });
    if (bytesRead === 0) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected ${into.length} bytes at position ${position} of \`${path}\`, got ${done}: it was cut while open. Fetch or write it again.`,
      );
    }
    done += bytesRead;
  }
}
