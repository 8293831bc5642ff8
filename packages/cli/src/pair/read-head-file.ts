import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { JudgeDecodingError, type JudgeHead, readHead, readHeads } from '@judge-decoding/core';
import { unreadable } from '@judge-decoding/long-work';
import { MAKES_HEADS } from './makes-heads.ts';

/** Far above any head: 64 terms of 131,072 weights. */
const MAX_HEAD_BYTES = 64 * 1024 * 1024;

/** A head from disk, as `FILE` or, of a file that holds several, `FILE#name`; what is wrong with it is an error that names the file. */
export async function readHeadFile(named: string): Promise<JudgeHead> {
  const { path, name } = headPath(named);
  return reading(path, async () => readHead(await readFile(path), name));
}

/** All heads of a file, or the one that is named. */
export async function readHeadsFile(named: string): Promise<Readonly<Record<string, JudgeHead>>> {
  const { path, name } = headPath(named);
  return reading(path, async () => {
    const bytes = await readFile(path);
    return name === undefined ? readHeads(bytes) : { [name]: readHead(bytes, name) };
  });
}

/** Behind the file’s name a head’s, where there is no file that is called like all of it. */
export function headPath(named: string): { readonly path: string; readonly name: string | undefined } {
  const at = named.lastIndexOf('#');
  if (at <= 0 || existsSync(named)) return { path: named, name: undefined };
  return { path: named.slice(0, at), name: named.slice(at + 1) };
}

async function reading<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    const info = await stat(path);
    // a device may have no end
    if (info.isCharacterDevice() || info.isBlockDevice())
      throw new JudgeDecodingError(
        'invalid-file',
        'This is no judge head file: it is a device. Name a file that `judge train` wrote.',
      );
    const { size } = info;
    if (size > MAX_HEAD_BYTES) {
      throw new JudgeDecodingError(
        'invalid-file',
        `This is no judge head file: it has ${size} bytes, at most ${MAX_HEAD_BYTES} are read.`,
      );
    }
    return await work();
  } catch (cause) {
    if (JudgeDecodingError.is(cause))
      throw new JudgeDecodingError(cause.code, `${path}: ${cause.message}`, { cause });
    throw unreadable(path, 'a judge head', cause, `${MAKES_HEADS} makes one.`);
  }
}
