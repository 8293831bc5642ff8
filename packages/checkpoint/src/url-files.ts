import { JudgeDecodingError } from '@judge-decoding/core';
import { type ByteFile, lastPart, type ModelFiles, type ModelSource } from './byte-file.ts';
import { endsBefore } from './file-errors.ts';

/** How addresses are asked. */
export interface FetchOptions {
  readonly fetch?: typeof globalThis.fetch;
  readonly signal?: AbortSignal | undefined;
}

/** The model at an address: a GGUF file where that is how it ends, else the folder of a model. */
export async function urlModel(url: string, options: FetchOptions = {}): Promise<ModelSource> {
  return /\.gguf$/i.test(new URL(url, baseOf()).pathname) ? openUrl(url, options) : urlFiles(url, options);
}

/** The files below an address, asked for by ranges. */
export function urlFiles(url: string, options: FetchOptions = {}): ModelFiles {
  const folder = url.replace(/\/*$/, '/');
  return {
    location: url,
    name: lastPart(new URL(folder, baseOf()).pathname),
    pathOf: (file) => folder + file,
    open: (file) => openUrl(folder + file, options),
  };
}

/**
 * A file behind an address. Servers that know ranges are asked for what is read; the answer of one that
 * sends the whole file instead is kept.
 *
 * @throws JudgeDecodingError `io` where the server does not answer or does not say how long the file is, `not-
 * found` where it has none; reads past the end are `invalid-file`.
 */
export async function openUrl(url: string, options: FetchOptions = {}): Promise<ByteFile> {
  // not one byte: some servers (sirv, so Vite's too) read the end 0 as none and send the whole file
  const response = await ask(url, 'bytes=0-7', options);
  if (response.status === 200) {
    const bytes = new Uint8Array(await bodyOf(url, response));
    return {
      path: url,
      size: bytes.length,
      async read(into, position) {
        const part = bytes.subarray(position, position + into.length);
        if (part.length < into.length) throw endsBefore(url, into.length, position, part.length);
        into.set(part);
      },
      close: async () => {},
    };
  }
  await bodyOf(url, response);
  const size = response.status === 416 ? 0 : sizeIn(response.headers.get('content-range'));
  if (size === undefined) {
    throw new JudgeDecodingError(
      'io',
      `Expected the server of \`${url}\` to say how long the file is (Content-Range), it does not. A host whose pages are elsewhere must expose that header.`,
    );
  }
  return {
    path: url,
    size,
    async read(into, position) {
      if (into.length === 0) return;
      if (position + into.length > size) throw endsBefore(url, into.length, position, size - position);
      const part = await ask(url, `bytes=${position}-${position + into.length - 1}`, options);
      const bytes = new Uint8Array(await bodyOf(url, part));
      if (part.status !== 206 || bytes.length !== into.length) {
        throw endsBefore(url, into.length, position, part.status === 206 ? bytes.length : 0);
      }
      into.set(bytes);
    },
    close: async () => {},
  };
}

async function ask(
  url: string,
  range: string,
  { fetch = globalThis.fetch, signal }: FetchOptions,
): Promise<Response> {
  // a cache that answers a part with another part is of no use
  const asked = { headers: { range }, ...(signal === undefined ? {} : { signal }) };
  const response = await fetch(url, asked).catch((cause) => {
    if (signal?.aborted)
      throw new JudgeDecodingError('aborted', `Fetching \`${url}\` was given up.`, { cause });
    throw new JudgeDecodingError(
      'io',
      `Fetching \`${url}\` failed (${String((cause as Error).message ?? cause)}). Is the host reachable, and does it allow requests from this page (CORS)?`,
      { cause },
    );
  });
  const missing = response.status === 404 || response.status === 410 || isPage(response);
  if (missing || !(response.ok || response.status === 416)) await response.body?.cancel();
  if (missing) {
    throw new JudgeDecodingError('not-found', `Expected \`${url}\` to exist, found nothing there.`);
  }
  if (response.ok || response.status === 416) return response;
  throw new JudgeDecodingError('io', `Fetching \`${url}\` failed: the server answers ${response.status}.`);
}

/** Hosts of pages with one address answer every unknown one with that page; no file of a model is one. */
const isPage = ({ headers }: Response): boolean =>
  headers.get('content-type')?.startsWith('text/html') === true;

const bodyOf = (url: string, response: Response): Promise<ArrayBuffer> =>
  response.arrayBuffer().catch((cause) => {
    throw new JudgeDecodingError('io', `Fetching \`${url}\` broke off (${String(cause)}). Try again.`, {
      cause,
    });
  });

/** `bytes 0-7/1234` */
function sizeIn(contentRange: string | null): number | undefined {
  const size = Number(/\/(\d+)$/.exec(contentRange ?? '')?.[1]);
  return Number.isSafeInteger(size) ? size : undefined;
}

/** A page's own address, against which relative ones are read. */
const baseOf = (): string | undefined =>
  (globalThis as { readonly location?: { readonly href: string } }).location?.href;
