import {
  type DirectoryHandle,
  directoryFiles,
  type ModelSource,
  type PickedFile,
  pickedModel,
  urlModel,
} from '@judge-decoding/checkpoint/browser';
import { JudgeDecodingError } from '@judge-decoding/core';
import { withKeptParts } from './kept-parts.ts';

/**
 * Where a model is: the address of a folder or of a GGUF file, files that a person picked, or the handle of a
 * folder (one of the origin's private files, say).
 */
export type ModelLocation = string | readonly PickedFile[] | DirectoryHandle;

/** The same as it crosses to a worker: a file's path within the picked folder does not survive by itself. */
export type SentLocation =
  | { readonly kind: 'address'; readonly url: string }
  | { readonly kind: 'picked'; readonly files: readonly SentFile[] }
  | { readonly kind: 'folder'; readonly handle: DirectoryHandle };

interface SentFile {
  readonly name: string;
  readonly path: string;
  readonly blob: Blob;
}

export function sentLocation(location: ModelLocation): SentLocation {
  if (typeof location === 'string') {
    // a worker has an address of its own
    if (URL.canParse(location, baseAddress()))
      return { kind: 'address', url: new URL(location, baseAddress()).href };
    throw new JudgeDecodingError('invalid-option', `Expected the address of a model, got \`${location}\`.`);
  }
  if (!isList(location)) return { kind: 'folder', handle: location };
  return {
    kind: 'picked',
    files: location.map((blob) => ({
      name: blob.name,
      path: blob.webkitRelativePath || blob.name,
      blob,
    })),
  };
}

/** What relative addresses are read against: in a worker of the caller's own there is no document. */
export const baseAddress = (): string => globalThis.document?.baseURI ?? globalThis.location.href;

const isList = (location: Exclude<ModelLocation, string>): location is readonly PickedFile[] =>
  Array.isArray(location);

/** What a checkpoint is opened from, in the worker. */
export async function receivedSource(sent: SentLocation): Promise<ModelSource> {
  switch (sent.kind) {
    case 'address':
      // weights are read twice, for the graph and for their fingerprint
      return withKeptParts(await urlModel(sent.url));
    case 'folder':
      return directoryFiles(sent.handle);
    case 'picked':
      return pickedModel(
        sent.files.map(({ name, path, blob }) =>
          Object.assign(blob.slice(), { name, webkitRelativePath: path }),
        ),
      );
  }
}

/** How messages name it. */
export const saidLocation = (location: ModelLocation): string => {
  if (typeof location === 'string') return location;
  if (!isList(location)) return location.name;
  return location[0]?.webkitRelativePath?.split('/')[0] || location[0]?.name || 'the picked files';
};
