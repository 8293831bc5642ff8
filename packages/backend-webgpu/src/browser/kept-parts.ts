import { type ByteFile, isByteFile, type ModelSource } from '@judge-decoding/checkpoint/browser';

/** Bytes that are fetched at once. */
const PART = 16 << 20;

/**
 * A model behind an address of which no byte is fetched twice. What was fetched is kept in blobs until the files are
 * closed: a browser holds them outside of the page's memory, on the disk where they are large.
 */
export function withKeptParts(source: ModelSource, partBytes = PART): ModelSource {
  if (isByteFile(source)) return keptFile(source, partBytes);
  // a folder's own object: its methods stay what they are
  return { ...source, open: async (file) => keptFile(await source.open(file), partBytes) };
}

function keptFile(file: ByteFile, partBytes: number): ByteFile {
  const { path, size } = file;
  const parts = new Map<number, Promise<Blob>>();
  const fetched = async (index: number): Promise<Blob> => {
    const first = index * partBytes;
    const bytes = new Uint8Array(Math.min(partBytes, size - first));
    await file.read(bytes, first);
    return new Blob([bytes]);
  };
  const partAt = (index: number): Promise<Blob> => {
    let part = parts.get(index);
    if (part === undefined) {
      part = fetched(index);
      parts.set(index, part);
      // what failed may be asked for again
      part.catch(() => parts.delete(index));
    }
    return part;
  };
  return {
    path,
    size,
    async read(into, position) {
      // the file itself refuses what lies past its end
      if (position < 0 || position + into.length > size) return file.read(into, position);
      for (let done = 0; done < into.length; ) {
        const at = position + done;
        const index = Math.floor(at / partBytes);
        const from = at - index * partBytes;
        const count = Math.min(partBytes - from, into.length - done);
        const part = (await partAt(index)).slice(from, from + count);
        into.set(new Uint8Array(await part.arrayBuffer()), done);
        done += count;
      }
    },
    async close() {
      parts.clear();
      await file.close();
    },
  };
}
