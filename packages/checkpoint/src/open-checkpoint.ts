import { cachedWeightsFingerprint } from './cached-fingerprint.ts';
import type { Checkpoint } from './checkpoint.ts';
import { nodeSource } from './node-files.ts';
import { openCheckpointFrom } from './open-source.ts';

/** How `openCheckpoint` reads a model. */
export interface OpenCheckpointOptions {
  /** Where fingerprints of weights are remembered; without it they are computed at every first use. */
  readonly cacheFolder?: string;
  /** Fields of config.json that nothing here knows and that the caller vouches change nothing. */
  readonly ignoreConfigFields?: readonly string[];
  /** What a chat template's `strftime_now` reads. */
  readonly now?: () => Date;
}

/**
 * Opens a Hugging Face model folder, or a GGUF file. Checks everything that the files say against
 * each other and that every tensor of the architecture is there with its shape and nothing else;
 * reads no weights. It holds its files open until `dispose`.
 *
 * @throws JudgeDecodingError `not-found` where nothing is there, `invalid-file` where a file is damaged or says
 * something else than another, `unsupported` where the model is of a kind that this reader does not know.
 *
 * @example
 * await using checkpoint = await openCheckpoint('models/SmolLM2-135M-Instruct');
 * checkpoint.tokenizer.encode('Why is the sky blue?');
 */
export async function openCheckpoint(
  location: string,
  { cacheFolder, ...options }: OpenCheckpointOptions = {},
): Promise<Checkpoint> {
  const checkpoint = await openCheckpointFrom(await nodeSource(location), {
    ...options,
    fingerprintWeights: (tensors) => cachedWeightsFingerprint(tensors, tensors.files, cacheFolder),
  });
  return { ...checkpoint, location };
}
