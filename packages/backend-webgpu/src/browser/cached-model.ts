import { type PickedFile, portableSha256 } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError } from '@judge-decoding/core';
import { type ListedFile, MANIFEST, MAX_MANIFEST_BYTES, readManifest, sentAs } from '../manifest.ts';
import { checkRoom, fileThere, store, unpack } from './model-storage.ts';
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

  const totalBytes = files.reduce((sum, file) => sum + sentAs(file).size, 0);
  let doneBytes = 0;
  let beside = 0;
  for (const file of files) {
    doneBytes += await bytesThere(folder, file);
    beside += await unpackedRoom(folder, file);
  }
  await checkRoom(storage, folder, totalBytes - doneBytes + beside, base);
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

const partsOf = (file: ListedFile) => {
  const { name, size } = sentAs(file);
  return Array.from({ length: Math.ceil(size / PART) }, (_, index) => ({
    stored: `${name}.${index}`,
    first: index * PART,
    bytes: Math.min(PART, size - index * PART),
  }));
};

const sealOf = ({ name }: ListedFile): string => `${name}.sha256`;

/** A packed file that was unpacked and found to be what the list says. */
async function unpackedThere(folder: FileSystemDirectoryHandle, file: ListedFile): Promise<File | undefined> {
  if (file.packed === undefined || (await fileThere(folder, sealOf(file), 64)) === undefined)
    return undefined;
  return fileThere(folder, file.name, file.size);
}

/** Bytes of what is sent for a file that need not be fetched. */
async function bytesThere(folder: FileSystemDirectoryHandle, file: ListedFile): Promise<number> {
  if ((await unpackedThere(folder, file)) !== undefined) return sentAs(file).size;
  let there = 0;
  for (const { stored, bytes } of partsOf(file))
    if ((await fileThere(folder, stored, bytes)) !== undefined) there += bytes;
  return there;
}

/** Bytes that a file will need beside its parts. */
const unpackedRoom = async (folder: FileSystemDirectoryHandle, file: ListedFile): Promise<number> =>
  file.packed === undefined || (await unpackedThere(folder, file)) !== undefined ? 0 : file.size;

/** A whole file, as one blob over what is stored of it: nothing of it is in memory. */
async function download(
  folder: FileSystemDirectoryHandle,
  base: string,
  file: ListedFile,
  options: CachedModelOptions,
  done: (bytes: number) => void,
): Promise<Blob> {
  const unpacked = await unpackedThere(folder, file);
  // a slice is a blob without the name of what is stored
  if (unpacked !== undefined) return unpacked.slice();
  const parts = partsOf(file);
  const sent = sentAs(file);
  for (const { stored, first, bytes } of parts) {
    if ((await fileThere(folder, stored, bytes)) !== undefined) continue;
    await store(folder, stored, await fetchPart(base + sent.name, sent, first, bytes, options), base);
    done(bytes);
  }
  const blobs: Blob[] = [];
  for (const { stored, bytes } of parts) blobs.push((await fileThere(folder, stored, bytes))!);
  const blob = new Blob(blobs);
  const seal = sealOf(file);
  if (file.packed === undefined && (await fileThere(folder, seal, 64)) !== undefined) return blob;
  const forgetParts = async () => {
    for (const { stored } of parts) await folder.removeEntry(stored).catch(() => {});
  };
  const got = file.packed === undefined ? await digestOf(blobs) : await unpack(folder, blob, file, base);
  if (got !== file.sha256) {
    await forgetParts();
    const problem =
      got === undefined
        ? `cannot be unpacked to the ${file.size} bytes that the host’s list says`
        : `has the digest ${got.slice(0, 12)}, the host’s list says ${file.sha256.slice(0, 12)}`;
    throw new JudgeDecodingError(
      'invalid-file',
      `\`${base}${sent.name}\` ${problem}: it was changed or damaged on its way. What was kept of it is deleted.`,
    );
  }
  await store(folder, seal, new TextEncoder().encode(got), base);
  if (file.packed === undefined) return blob;
  await forgetParts();
  return (await unpackedThere(folder, file))!.slice();
}

async function digestOf(blobs: readonly Blob[]): Promise<string> {
  const digest = portableSha256();
  for (const part of blobs) digest.update(new Uint8Array(await part.arrayBuffer()));
  return digest.digest();
}

async function fetchPart(
  url: string,
  { size }: Pick<ListedFile, 'size'>,
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
