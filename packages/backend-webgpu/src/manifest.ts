import { JudgeDecodingError } from '@judge-decoding/core';

/** A file of a model as a host lists it. */
export interface ListedFile {
  readonly name: string;
  readonly size: number;
  /** Hex; of the file itself, however it is sent. */
  readonly sha256: string;
  /** Bytes of it as gzip packs them, where a host has it as `name.packed` in place of `name`. */
  readonly packed?: number;
}

/** What is fetched for a file, and its size. Not `.gz`: some hosts have browsers unpack what is called so. */
export const sentAs = ({ name, size, packed }: ListedFile): Pick<ListedFile, 'name' | 'size'> =>
  packed === undefined ? { name, size } : { name: `${name}.packed`, size: packed };

/** Name of the list beside a model's files. */
export const MANIFEST = 'judge-files.json';
/** A list of some thousand files; a model has a dozen. */
export const MAX_MANIFEST_BYTES = 1 << 20;
const MAX_FILES = 2048;
const FORMAT = 'judge-decoding.files';

export const writeManifest = (files: readonly ListedFile[]): string =>
  `${JSON.stringify({ format: FORMAT, version: 1, files }, null, 2)}\n`;

/** Reads a list from a stranger: names within the folder, sizes and digests, and nothing else. */
export function readManifest(path: string, text: string): readonly ListedFile[] {
  const bad = (problem: string, cause?: unknown) =>
    new JudgeDecodingError('invalid-file', `\`${path}\` is no list of a model’s files: ${problem}.`, {
      cause,
    });
  let parsed: { format?: unknown; version?: unknown; files?: unknown };
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    throw bad('it is not JSON', cause);
  }
  if (parsed?.format !== FORMAT || parsed.version !== 1) throw bad(`expected ${FORMAT} of version 1`);
  const { files } = parsed;
  if (!Array.isArray(files) || files.length > MAX_FILES) throw bad(`expected at most ${MAX_FILES} files`);
  return files.map((file: Partial<ListedFile> | null) => {
    const { name, size, sha256, packed } = file ?? {};
    if (typeof name !== 'string' || !/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,254}$/.test(name) || name.includes('..'))
      throw bad(`the name ${JSON.stringify(name)?.slice(0, 80)}`);
    if (!Number.isSafeInteger(size) || size! < 0) throw bad(`the size of ${name}`);
    if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw bad(`the digest of ${name}`);
    if (packed !== undefined && !(Number.isSafeInteger(packed) && packed > 0))
      throw bad(`the packed size of ${name}`);
    return { name, size: size!, sha256, ...(packed === undefined ? {} : { packed }) };
  });
}
