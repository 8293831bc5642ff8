import { nodeSource } from './node-files.ts';
import type { OpenCheckpointOptions } from './open-checkpoint.ts';
import { openTokenizerFrom } from './open-source.ts';
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
  options: Pick<OpenCheckpointOptions, 'now'> = {},
): Promise<Tokenizer> {
  return openTokenizerFrom(await nodeSource(location), options);
}
