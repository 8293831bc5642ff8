import { type PickedFile, portableSha256 } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError } from '@judge-decoding/core';
import { type ListedFile, MANIFEST, MAX_MANIFEST_BYTES, readManifest } from '../manifest.ts';
import { baseAddress } from './source.ts';

/** Bytes of a part: what is lost at most where a download breaks off. */
const PART = 16 << 20;

export interface CachedModelOptions {
  /** Of all files together, those that were there before among them. */
  readonly onProgress?: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void;
  readonly signal?: AbortSignal | undefined;
  readonly fetch?: typeof globalThis.fetch;
  /** The origin's private files unless given. */
  readonly storage?: Pick<StorageManager, 'getDirectory' | 'estimate'>;
}

/**
 * A model's files from a host that lists them (`judge-files.json`), kept in the browser: what
 * `webgpuBackend().open` and `pickedModel` take. A file is fetched in parts, and what is there is not fetched
 * again; each is held to the digest of the list, and then never read for that again.
 *
 * @throws JudgeDecodingError `not-found` without a list, `invalid-file` where a file is not what the list says,
 * `io` where the host fails or the browser has no room, `aborted`.
 */
export async function cachedModel(
  url: string,
  options: CachedModelOptions = {},
): Promise<readonly PickedFile[]> {
  const { storage = navigator.storage, onProgress } = options;
  const base = new URL(url.replace(/\/*$/, '/'), baseAddress()).href;
  const text = await manifestAt(base + MANIFEST, options);
  const files = readManifest(base + MANIFEST, text);
  const hash = portableSha256();
  hash.update(new TextEncoder().encode(text));
  const models = await (await storage.getDirectory()).getDirectoryHandle('judge-models', { create: true });
  const folder = await models.getDirectoryHandle(hash.digest().slice(0, 32), { create: true });

  const totalBytes = files.reduce((sum, { size }) => sum + size, 0);
  let doneBytes = 0;
  for (const file of files) doneBytes += await bytesThere(folder, file);
  await checkRoom(storage, folder, totalBytes - doneBytes, base);
  const done = (bytes: number) => {
    doneBytes += bytes;
    onProgress?.({ doneBytes, totalBytes });
  };
  done(0);
  const kept: PickedFile[] = [];
  for (const file of files) {
    const blob = await download(folder, base, file, options, done);
    kept.push(Object.assign(blob, { name: file.name, webkitRelativePath: `${base}${file.name}` }));
  }
  return kept;
}

async function manifestAt(url: string, options: CachedModelOptions): Promise<string> {
  const response = await ask(url, {}, options);
  const isPage = response.headers.get('content-type')?.startsWith('text/html') === true;
  if (response.status === 404 || isPage) {
    throw new JudgeDecodingError(
      'not-found',
      `Expected \`${url}\` to list the model’s files with sizes and digests, found none. Write one with \`modelManifest\`, or open the address without keeping it.`,
    );
  }
  const text = response.ok ? await response.text() : '';
  if (response.ok && text.length <= MAX_MANIFEST_BYTES) return text;
  throw new JudgeDecodingError(
    response.ok ? 'invalid-file' : 'io',
    `Expected \`${url}\` to list the model’s files, got ${response.ok ? `${text.length} characters` : `the answer ${response.status}`}.`,
  );
}

const partsOf = ({ name, size }: ListedFile) =>
  Array.from({ length: Math.ceil(size / PART) }, (_, index) => ({
    stored: `${name}.${index}`,
    first: index * PART,
    bytes: Math.min(PART, size - index * PART),
  }));

/** A stored part, where all of it is there. */
async function partThere(
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

async function bytesThere(folder: FileSystemDirectoryHandle, file: ListedFile): Promise<number> {
  let there = 0;
  for (const { stored, bytes } of partsOf(file))
    if ((await partThere(folder, stored, bytes)) !== undefined) there += bytes;
  return there;
}

/**
 * Before anything is fetched. What `estimate` says is not enough: Chromium tells every page of 10 GiB, so that a
 * page does not learn how large the disk is. Making a file of the size, never kept, asks the quota itself.
 */
async function checkRoom(
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

/** A whole file, as one blob over its parts: nothing of it is in memory. */
async function download(
  folder: FileSystemDirectoryHandle,
  base: string,
  file: ListedFile,
  options: CachedModelOptions,
  done: (bytes: number) => void,
): Promise<Blob> {
  const parts = partsOf(file);
  for (const { stored, first, bytes } of parts) {
    if ((await partThere(folder, stored, bytes)) !== undefined) continue;
    await store(folder, stored, await fetchPart(base + file.name, file, first, bytes, options), base);
    done(bytes);
  }
  const blobs: Blob[] = [];
  for (const { stored, bytes } of parts) blobs.push((await partThere(folder, stored, bytes))!);
  const blob = new Blob(blobs);
  const seal = `${file.name}.sha256`;
  if ((await partThere(folder, seal, 64)) !== undefined) return blob;
  const digest = portableSha256();
  for (const part of blobs) digest.update(new Uint8Array(await part.arrayBuffer()));
  const got = digest.digest();
  if (got !== file.sha256) {
    for (const { stored } of parts) await folder.removeEntry(stored).catch(() => {});
    throw new JudgeDecodingError(
      'invalid-file',
      `\`${base}${file.name}\` has the digest ${got.slice(0, 12)}, the host’s list says ${file.sha256.slice(0, 12)}: it was changed or damaged on its way. What was kept of it is deleted.`,
    );
  }
  await store(folder, seal, new TextEncoder().encode(got), base);
  return blob;
}

async function fetchPart(
  url: string,
  { size }: ListedFile,
  first: number,
  bytes: number,
  options: CachedModelOptions,
): Promise<Uint8Array> {
  const whole = bytes === size;
  const response = await ask(url, whole ? {} : { range: `bytes=${first}-${first + bytes - 1}` }, options);
  if (response.status === 404) {
    throw new JudgeDecodingError('not-found', `Expected \`${url}\` to exist, found nothing there.`);
  }
  if (!response.ok && response.status !== 416)
    throw new JudgeDecodingError('io', `Fetching \`${url}\` failed: the server answers ${response.status}.`);
  const body = await response.arrayBuffer().catch((cause) => {
    if (options.signal?.aborted) throw givenUp(url, cause);
    throw new JudgeDecodingError(
      'io',
      `Fetching \`${url}\` broke off (${String(cause)}). Try again: what is there is kept.`,
      {
        cause,
      },
    );
  });
  const all = new Uint8Array(body);
  // a host that knows no ranges sends everything
  const part = response.status === 200 && !whole ? all.subarray(first, first + bytes) : all;
  if (part.length === bytes && (response.status !== 200 || all.length === size)) return part;
  throw new JudgeDecodingError(
    'invalid-file',
    `Expected ${bytes} bytes from ${first} on of \`${url}\`, got ${response.status === 416 ? 0 : part.length}: the file is not the one that the host’s list describes.`,
  );
}

async function ask(
  url: string,
  headers: Record<string, string>,
  { fetch = globalThis.fetch, signal }: CachedModelOptions,
): Promise<Response> {
  try {
    return await fetch(url, { headers, ...(signal === undefined ? {} : { signal }) });
  } catch (cause) {
    if (signal?.aborted) throw givenUp(url, cause);
    throw new JudgeDecodingError(
      'io',
      `Fetching \`${url}\` failed (${String(cause)}). Is the host reachable, and does it allow requests from this page (CORS)?`,
      { cause },
    );
  }
}

const givenUp = (url: string, cause: unknown) =>
  new JudgeDecodingError('aborted', `Fetching \`${url}\` was given up; what is there is kept.`, { cause });

/** Appears whole or not at all. */
async function store(
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
