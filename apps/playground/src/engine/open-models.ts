import { cachedModel, type ModelLocation, webgpuBackend } from '@judge-decoding/backend-webgpu/browser';
import { openTokenizerFrom, pickedModel, urlModel } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError, type JudgeHead, readHead } from '@judge-decoding/core';
import type { OpenModels } from './models.ts';
import { placed } from './placed.ts';
import type { Device, ModelPlace, PairPlace } from './protocol.ts';

/** Opens a pair: small models on the processor in this worker, any other in a worker of its own. */
export const openModels: OpenModels = async ({ place, device, onProgress, signal }) => {
  const backend = webgpuBackend({ device });
  const open = (which: 'target' | 'draft', location: ModelLocation, on: Device = device) =>
    backend.open(location, {
      signal,
      device: on,
      ...(on === 'wasm' && isSmall(location) ? { thread: 'calling' as const } : {}),
      ...(which === 'target' && on === 'wasm' && isSmall(location) && knowsInt8(head)
        ? { dtype: 'int8' as const }
        : {}),
      // on a GPU the cache is taken whole
      ...(on === 'webgpu' ? { contextLength: MOST_ON_GPU } : {}),
      onProgress: ({ writtenBytes, totalBytes }) =>
        onProgress({ what: `preparing the ${which}`, done: writtenBytes, total: totalBytes }),
    });
  const kept = (which: 'target' | 'draft', from: ModelPlace) =>
    keptFiles(from, signal, ({ doneBytes, totalBytes }) =>
      onProgress({ what: `downloading the ${which}`, done: doneBytes, total: totalBytes }),
    );
  // the head first: it is small, and where it is none nothing large has to be loaded to say so
  const head = place.head && readHead(await bytesOf(place.head));
  const targetFiles = await kept('target', place.target);
  const draftFiles = place.draft && (await kept('draft', place.draft));
  const tokenizer = await openTokenizerFrom(
    await (typeof targetFiles === 'string' ? urlModel(targetFiles) : pickedModel(targetFiles)),
  );
  const target = await open('target', targetFiles);
  try {
    const { threads, adapter } = target.details;
    return {
      target,
      tokenizer,
      ...(draftFiles && (await placed(device, (on) => open('draft', draftFiles, on)))),
      ...(head === undefined ? {} : { head }),
      threads,
      ...(adapter === undefined
        ? {}
        : {
            adapter: {
              name: adapter.description || [adapter.vendor, adapter.architecture].filter(Boolean).join(' '),
              software: adapter.software,
            },
          }),
      folders: { target: nameOf(place.target), draft: nameOf(place.draft), head: nameOf(place.head) },
    };
  } catch (error) {
    await target.dispose();
    throw error;
  }
};

/** Bytes of a model whose passes take so little that messages to another worker are felt: a tenth of the pocket pair's time. */
const SMALL = 64e6;

const isSmall = (location: ModelLocation): boolean =>
  Array.isArray(location) && location.reduce((sum, file: Blob) => sum + file.size, 0) <= SMALL;

/**
 * Whether a head's scores were measured with the target in eight bits. On the processor a judged answer of a small target is
 * half as fast again there (docs/decisions/2026-11-29-whole-numbers-in-webassembly.md), as drafts are verified several rows at a time.
 */
const knowsInt8 = (head: JudgeHead | undefined): boolean =>
  head?.provenance.measured?.some(({ dtype, device = 'wasm' }) => dtype === 'int8' && device === 'wasm') ??
  false;

/** Tokens of a session: more than a page writes, of a model whose cache for all of its context were gigabytes. */
const MOST_ON_GPU = 4096;

/**
 * Files of a host that lists them with their digests are kept in the browser: they are fetched once, checked,
 * and there without a network. Of a host that lists none they are read from its address each time.
 */
async function keptFiles(
  place: ModelPlace,
  signal: AbortSignal,
  onProgress: (progress: { readonly doneBytes: number; readonly totalBytes: number }) => void,
): Promise<string | readonly File[]> {
  if ('files' in place) return place.files;
  if (place.url.endsWith('.gguf')) return place.url;
  try {
    return (await cachedModel(place.url, { signal, onProgress })) as readonly File[];
  } catch (error) {
    if (JudgeDecodingError.is(error, 'not-found')) return place.url;
    throw error;
  }
}

async function bytesOf(head: NonNullable<PairPlace['head']>): Promise<Uint8Array> {
  if ('file' in head) return new Uint8Array(await head.file.arrayBuffer());
  const response = await fetch(head.url).catch((cause: unknown) => {
    throw new JudgeDecodingError(
      'io',
      `The judge head at ${head.url} could not be fetched: ${String(cause)}.`,
      { cause },
    );
  });
  if (!response.ok)
    throw new JudgeDecodingError(
      'not-found',
      `Expected a judge head at ${head.url}, got ${response.status}.`,
    );
  return new Uint8Array(await response.arrayBuffer());
}

function nameOf(place: ModelPlace | PairPlace['head']): string {
  if (place === undefined) return '';
  if ('url' in place) return place.url;
  const file = 'file' in place ? place.file : place.files[0];
  return file?.webkitRelativePath.split('/')[0] || file?.name || '';
}
