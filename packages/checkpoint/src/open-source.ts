import type { OpenOptions } from './assemble-checkpoint.ts';
import { isByteFile, type ModelSource } from './byte-file.ts';
import type { Checkpoint } from './checkpoint.ts';
import { weightsFingerprint } from './fingerprints.ts';
import { openGguf, openGgufTokenizer } from './gguf/open-gguf.ts';
import { openFolder, openFolderTokenizer } from './open-folder.ts';
import type { Tokenizer } from './tokenizer.ts';

/** How `openCheckpointFrom` reads a model. */
export type OpenSourceOptions = Partial<OpenOptions>;

/**
 * As `openCheckpoint`, from wherever ranges of bytes can be read: a folder's files or one GGUF file. It takes
 * a file over, and holds what it opens until `dispose`.
 */
export function openCheckpointFrom(
  source: ModelSource,
  {
    ignoreConfigFields = [],
    now = () => new Date(),
    fingerprintWeights = (tensors) => weightsFingerprint(tensors),
  }: OpenSourceOptions = {},
): Promise<Checkpoint> {
  const options = { ignoreConfigFields, now, fingerprintWeights };
  return isByteFile(source) ? openGguf(source, options) : openFolder(source, options);
}

/** As `openTokenizer`, from wherever ranges of bytes can be read. A file is closed again. */
export function openTokenizerFrom(
  source: ModelSource,
  { now = () => new Date() }: Pick<OpenSourceOptions, 'now'> = {},
): Promise<Tokenizer> {
  return isByteFile(source) ? openGgufTokenizer(source, now) : openFolderTokenizer(source, now);
}
