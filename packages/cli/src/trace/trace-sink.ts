import { constants } from 'node:fs';
import { access, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { Trace } from '@judge-decoding/trace';

/** Where a trace will be written, found to be possible before a long run. */
export interface TraceSink {
  readonly path: string;
  /** What stood there is replaced at once, and not before there is something to replace it with. */
  write(trace: Trace): Promise<void>;
}

/**
 * Sees that a trace can be written to `path`, and leaves what is there as it is. A file is written
 * beside it and renamed; a device or a pipe (/dev/stdout) is written to. An error of code `io` otherwise.
 */
export async function traceSink(path: string): Promise<TraceSink> {
  const refuse = (cause: unknown) =>
    new JudgeDecodingError(
      'io',
      `Expected to write the trace to ${path === '' ? 'an empty path' : path}, got: ${(cause as Error).message}. Name another file with --trace.`,
      { cause },
    );
  try {
    // a link stays one: what it points to is replaced
    const target = await realpath(path).catch(() => resolve(path));
    const found = await stat(target).catch(() => undefined);
    if (path === '' || found?.isDirectory()) throw new Error('it is a folder');
    const inPlace = found !== undefined && (!found.isFile() || !(await canReplace(target)));
    if (found !== undefined) await access(target, constants.W_OK);
    else await probe(dirname(target));
    return {
      path,
      async write(trace) {
        const text = `${JSON.stringify(trace)}\n`;
        try {
          if (inPlace) await writeFile(target, text);
          else await replace(target, text);
        } catch (cause) {
          throw refuse(cause);
        }
      },
    };
  } catch (cause) {
    throw refuse(cause);
  }
}

/** A file can be made beside it. Where its folder is read-only the file itself may yet be writable. */
const canReplace = (file: string): Promise<boolean> =>
  probe(dirname(file)).then(
    () => true,
    () => false,
  );

async function probe(folder: string): Promise<void> {
  const file = `${folder}/.judge-trace-${process.pid}.tmp`;
  try {
    await writeFile(file, '');
  } finally {
    await rm(file, { force: true }).catch(() => undefined);
  }
}

async function replace(file: string, text: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, text);
    await rename(temporary, file);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}
