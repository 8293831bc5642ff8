import { portableSha256 } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { ListedFile } from '../manifest.ts';

/** A stored file, where all of it is there. */
export async function fileThere(
  folder: FileSystemDirectoryHandle,
  stored: string,
  bytes: number,
): Promise<File | undefined> {
  const file = await folder.getFileHandle(stored).then(
    (handle) => handle.getFile(),
    () => undefined,
  );
  return file?.size === bytes ? file : undefined;
}

/**
 * Before anything is fetched. What `estimate` says is not enough: Chromium tells every page of 10 GiB, so that a
 * page does not learn how large the disk is. Making a file of the size, never kept, asks the quota itself.
 */
export async function checkRoom(
  storage: Pick<StorageManager, 'estimate'>,
  folder: FileSystemDirectoryHandle,
  needed: number,
  base: string,
): Promise<void> {
  if (needed === 0) return;
  const { quota, usage = 0 } = await storage.estimate();
  if (quota !== undefined && quota - usage < needed)
    throw new JudgeDecodingError('io', noRoom(base, needed, quota - usage));
  const writable = await (await folder.getFileHandle('room', { create: true })).createWritable();
  try {
    await writable.truncate(needed);
    await writable.abort();
  } catch (cause) {
    if (isFull(cause)) throw new JudgeDecodingError('io', noRoom(base, needed, undefined), { cause });
  } finally {
    await folder.removeEntry('room').catch(() => {});
  }
}

const isFull = (cause: unknown) => (cause as { readonly name?: unknown }).name === 'QuotaExceededError';

const noRoom = (base: string, needed: number, left: number | undefined): string =>
  `Expected room for ${megabytes(needed)} of \`${base}\` in the browser’s storage${left === undefined ? '' : `, it allows ${megabytes(Math.max(0, left))} more`}. Delete data of this site or other sites, or free space on the disk.`;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

/** Appears whole or not at all. */
export async function store(
  folder: FileSystemDirectoryHandle,
  name: string,
  bytes: Uint8Array,
  base: string,
): Promise<void> {
  try {
    const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
    await writable.write(bytes as Uint8Array<ArrayBuffer>);
    await writable.close();
  } catch (cause) {
    throw new JudgeDecodingError(
      'io',
      isFull(cause)
        ? noRoom(base, bytes.length, undefined)
        : `Writing \`${name}\` into the browser’s storage failed (${String(cause)}). Is there room on the disk?`,
      { cause },
    );
  }
}

/**
 * Unpacks what gzip packed into a file of the folder, and returns the digest of what came out; undefined where it is
 * no gzip, or of another size than the list promises, more than which is not written.
 */
export async function unpack(
  folder: FileSystemDirectoryHandle,
  packed: Blob,
  { name, size }: ListedFile,
  base: string,
): Promise<string | undefined> {
  const digest = portableSha256();
  const writable = await (await folder.getFileHandle(name, { create: true })).createWritable();
  let written = 0;
  try {
    const bytes = packed.stream().pipeThrough(new DecompressionStream('gzip')).getReader();
    for (let read = await bytes.read(); !read.done; read = await bytes.read()) {
      written += read.value.length;
      if (written > size) {
        await bytes.cancel();
        break;
      }
      digest.update(read.value);
      await writable.write(read.value);
    }
    await writable.close();
  } catch (cause) {
    await writable.abort().catch(() => {});
    if (isFull(cause)) throw new JudgeDecodingError('io', noRoom(base, size, undefined), { cause });
    return undefined;
  }
  return written === size ? digest.digest() : undefined;
}
