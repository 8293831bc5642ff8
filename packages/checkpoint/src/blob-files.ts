import { JudgeDecodingError } from '@judge-decoding/core';
import { type ByteFile, lastPart, type ModelFiles, type ModelSource } from './byte-file.ts';
import { endsBefore } from './file-errors.ts';

/**
 * A file that a person picked or dropped, or any other blob. Nothing is in memory but what is asked for.
 *
 * @throws JudgeDecodingError from a read: `invalid-file` where the file ends before it, `io` where it was changed
 * or moved since.
 */
export function blobFile(blob: Blob, path: string): ByteFile {
  return {
    path,
    size: blob.size,
    async read(into, position) {
      const part = blob.slice(position, position + into.length);
      if (part.size < into.length) throw endsBefore(path, into.length, position, part.size);
      const bytes = await part.arrayBuffer().catch((cause) => {
        throw new JudgeDecodingError(
          'io',
          `Reading \`${path}\` failed (${String(cause)}). Was it changed or moved? Pick it again.`,
          { cause },
        );
      });
      into.set(new Uint8Array(bytes));
    },
    close: async () => {},
  };
}

/** What a page's file picker or a drop gives: `webkitRelativePath` where a folder was picked. */
export interface PickedFile extends Blob {
  readonly name: string;
  readonly webkitRelativePath?: string;
}

/**
 * The model among picked files: one GGUF file, or the files of a folder with a config.json (the one
 * nearest to the top). Refused with code `not-found` where they are no model.
 */
export function pickedModel(picked: Iterable<PickedFile>): ModelSource {
  const files = [...picked];
  const pathOf = ({ name, webkitRelativePath }: PickedFile) => webkitRelativePath || name;
  const configs = files.filter(({ name }) => name === 'config.json').map(pathOf);
  const depth = (path: string) => path.split('/').length;
  const config = configs.sort((a, b) => depth(a) - depth(b) || (a < b ? -1 : 1))[0];
  if (config === undefined) {
    const gguf = files.find(({ name }) => /\.gguf$/i.test(name));
    if (gguf !== undefined) return blobFile(gguf, pathOf(gguf));
    const names = files.map(({ name }) => name);
    const some = names.slice(0, 5).join(', ') || 'nothing';
    throw new JudgeDecodingError(
      'not-found',
      `Expected a model folder (config.json, tokenizer.json, model.safetensors) or a GGUF file, got ${some}${names.length > 5 ? ` and ${names.length - 5} more files` : ''}.`,
    );
  }
  const folder = config.slice(0, -'config.json'.length);
  const byName = new Map(files.map((file) => [pathOf(file), file]));
  return filesOf(folder.slice(0, -1) || 'the picked files', async (file) => byName.get(folder + file));
}

/** What is used of a `FileSystemDirectoryHandle`: a picked folder, or one of the origin's private files. */
export interface DirectoryHandle {
  readonly name: string;
  getFileHandle(name: string): Promise<{ getFile(): Promise<Blob> }>;
}

/** The files of a folder that a page has a handle of (OPFS, or `showDirectoryPicker`). */
export const directoryFiles = (folder: DirectoryHandle): ModelFiles =>
  filesOf(folder.name, async (file) => {
    try {
      return await (await folder.getFileHandle(file)).getFile();
    } catch (cause) {
      const { name } = cause as { readonly name?: unknown };
      if (name === 'NotFoundError' || name === 'TypeMismatchError') return undefined;
      throw new JudgeDecodingError('io', `Reading \`${folder.name}/${file}\` failed (${String(cause)}).`, {
        cause,
      });
    }
  });

function filesOf(location: string, find: (file: string) => Promise<Blob | undefined>): ModelFiles {
  const pathOf = (file: string) => `${location}/${file}`;
  return {
    location,
    name: lastPart(location),
    pathOf,
    async open(file) {
      const blob = await find(file);
      if (blob !== undefined) return blobFile(blob, pathOf(file));
      throw new JudgeDecodingError(
        'not-found',
        `Expected \`${pathOf(file)}\` to exist, found nothing there.`,
      );
    },
  };
}
