import { stat } from 'node:fs/promises';
import { fileError } from './file-errors.ts';
import { openGgufTokenizer } from './gguf/open-gguf.ts';
import type { OpenCheckpointOptions } from './open-checkpoint.ts';
import { openFolderTokenizer } from './open-folder.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * The tokenizer of a Hugging Face model folder or a GGUF file, without the model: no file is held, so
 * there is nothing to dispose of, and a folder needs neither weights nor config.json. The same one as
 * `openCheckpoint`'s.
 *
 * Errors: `not-found`, `invalid-file`, `unsupported`, each naming the file.
 */
export async function openTokenizer(
  location: string,
  { now = () => new Date() }: Pick<OpenCheckpointOptions, 'now'> = {},
): Promise<Tokenizer> {
  const info = await stat(location).catch((cause) => {
    throw fileError(location, cause);
  });
  return info.isDirectory() ? openFolderTokenizer(location, now) : openGgufTokenizer(location, now);
}
