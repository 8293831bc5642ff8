import { cachedModel, type ModelLocation, webgpuBackend } from '@judge-decoding/backend-webgpu/browser';
import { openTokenizerFrom, pickedModel, urlModel } from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError, readHead } from '@judge-decoding/core';
import type { OpenModels } from './models.ts';
import type { ModelPlace, PairPlace } from './protocol.ts';

/** Opens a pair, each model in a worker of its own. */
export const openModels: OpenModels = async ({ place, device, onProgress, signal }) => {
  const backend = webgpuBackend({ device });
  const open = (which: 'target' | 'draft', location: ModelLocation) =>
    backend.open(location, {
      signal,
      onProgress: ({ writtenBytes, totalBytes }) =>
        onProgress({ what: `preparing the ${which}`, done: writtenBytes, total: totalBytes }),
    });
  const kept = (which: 'target' | 'draft') =>
    keptFiles(place[which], signal, ({ doneBytes, totalBytes }) =>
      onProgress({ what: `downloading the ${which}`, done: doneBytes, total: totalBytes }),
    );
  // the head first: it is small, and where it is none nothing large has to be loaded to say so
  const head = place.head && readHead(await bytesOf(place.head));
  const places = { target: await kept('target'), draft: await kept('draft') };
  const tokenizer = await openTokenizerFrom(
    await (typeof places.target === 'string' ? urlModel(places.target) : pickedModel(places.target)),
  );
  const target = await open('target', places.target);
  try {
    const draft = await open('draft', places.draft);
    const { threads, adapter } = target.details;
    return {
      target,
      draft,
      tokenizer,
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
