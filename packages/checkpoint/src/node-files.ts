import { type FileHandle, open, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { ByteFile, ModelFiles } from './byte-file.ts';
import { checkLocation } from './check-arguments.ts';
import { endsBefore, fileError } from './file-errors.ts';

/**
 * Opens a file on a disk.
 *
 * @throws JudgeDecodingError `not-found` where there is none, `invalid-file` where it is no file, `io` where it
 * cannot be opened.
 */
export async function openNodeFile(path: string): Promise<ByteFile> {
  const failed = (cause: unknown) => {
    throw fileError(path, cause);
  };
  // before it is opened: opening a named pipe waits for whoever writes into it
  if (!(await stat(path).catch(failed)).isFile()) throw noFile(path);
  const handle = await open(path, 'r').catch(failed);
  try {
    const info = await handle.stat();
    if (!info.isFile()) throw noFile(path);
    return {
      path,
      size: info.size,
      read: (into, position) => readFully(path, handle, into, position),
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw JudgeDecodingError.is(error) ? error : fileError(path, error);
  }
}

const noFile = (path: string) =>
  new JudgeDecodingError(
    'invalid-file',
    `Expected \`${path}\` to be a file, got something else. Name the file itself.`,
  );

/** The files of a folder on a disk. */
export const nodeFiles = (folder: string): ModelFiles => ({
  location: folder,
  name: basename(resolve(folder)),
  pathOf: (file) => join(folder, file),
  open: (file) => openNodeFile(join(folder, file)),
});

/** A folder's files, or the file itself. */
export async function nodeSource(location: string): Promise<ModelFiles | ByteFile> {
  checkLocation(location);
  const info = await stat(location).catch((cause) => {
    throw fileError(location, cause);
  });
  return info.isDirectory() ? nodeFiles(location) : openNodeFile(location);
}

/** Fills `into` from `position` on. */
async function readFully(
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
    if (bytesRead === 0) throw endsBefore(path, into.length, position, done);
    done += bytesRead;
  }
}
