/** A file of which any range of bytes can be read: on a disk, picked in a page, behind an address. */
export interface ByteFile {
  /** How messages name it: a path, a name, an address. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Fills `into` from `position` on. Refused with code `invalid-file` where the file ends before that, `io` where reading fails. */
  read(into: Uint8Array, position: number): Promise<void>;
  /** Twice is fine. */
  close(): Promise<void>;
}

/** The files of one model, by their names in its folder. */
export interface ModelFiles {
  /** Where they lie, as messages say it. */
  readonly location: string;
  /** Last part of the location. */
  readonly name: string;
  /** How messages name one of them, whether or not it is there. */
  pathOf(file: string): string;
  /** Opens one. Refused with code `not-found` where there is none of that name. */
  open(file: string): Promise<ByteFile>;
}

/** What a model can be opened from: a folder's files, or one GGUF file. */
export type ModelSource = ModelFiles | ByteFile;

/** Whether a source is one file (GGUF, or a set of parts) and not a folder of them. */
export const isByteFile = (source: ModelSource): source is ByteFile => 'read' in source;

/** The last part of a path or an address. */
export const lastPart = (path: string): string => path.replace(/[/\\]+$/, '').replace(/^.*[/\\]/, '');
