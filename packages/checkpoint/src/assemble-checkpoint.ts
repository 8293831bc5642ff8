import { JudgeDecodingError } from '@judge-decoding/core';
import type { ModelFiles } from './byte-file.ts';
import type { Checkpoint, GenerationDefaults } from './checkpoint.ts';
import { expectedTensors } from './expected-tensors.ts';
import { architectureFingerprint } from './fingerprints.ts';
import type { FileConfig } from './llama-config.ts';
import type { ModelConfig } from './model-config.ts';
import type { FolderTensors } from './safetensors-folder.ts';
import { sameValues } from './same-values.ts';
import type { TensorSource } from './tensor-source.ts';
import type { Tokenizer } from './tokenizer.ts';

/** `OpenCheckpointOptions` with what is left out filled in. */
export interface OpenOptions {
  readonly ignoreConfigFields: readonly string[];
  readonly now: () => Date;
  /** Hex. */
  readonly fingerprintWeights: (tensors: FolderTensors) => Promise<string>;
}

export interface CheckpointParts {
  readonly fileConfig: FileConfig;
  readonly generation: Omit<GenerationDefaults, 'endTokens'>;
  readonly tokenizer: Tokenizer;
  readonly tensors: FolderTensors;
  readonly options: Pick<OpenOptions, 'fingerprintWeights'>;
}

/** Checks the parts of a model against each other. Takes the tensors over: closes them if one does not fit. */
export async function assemble(
  { location, name }: Pick<ModelFiles, 'location' | 'name'>,
  parts: CheckpointParts,
): Promise<Checkpoint> {
  const { fileConfig, generation, tokenizer, tensors, options } = parts;
  let config: ModelConfig = { ...fileConfig, tokenCount: tokenizer.tokenCount };
  try {
    config = { ...config, tiedEmbeddings: await isTied(config, tensors) };
    checkVocabulary(location, config, tokenizer);
    checkTensors(location, config, tensors);
  } catch (error) {
    await tensors.dispose();
    throw error;
  }
  let weights: Promise<string> | undefined;
  const dispose = () => tensors.dispose();
  return {
    name,
    location,
    config,
    generation: { ...generation, endTokens: tokenizer.endTokens },
    tokenizer,
    tensors,
    async fingerprint() {
      weights ??= options.fingerprintWeights(tensors);
      return {
        architecture: architectureFingerprint(config),
        tokenizer: tokenizer.fingerprint,
        weights: await weights,
      };
    },
    dispose,
    [Symbol.asyncDispose]: dispose,
  };
}

const EMBEDDING = 'model.embed_tokens.weight';
const OUTPUT = 'lm_head.weight';

/**
 * Whether the embedding is the output matrix, too. A config that says so beside an output matrix of
 * other values is wrong: transformers 5 does not tie then, nor does a GGUF file made of the model.
 */
async function isTied(
  { tiedEmbeddings }: ModelConfig,
  tensors: Pick<TensorSource, 'has' | 'info' | 'raw' | 'read'>,
): Promise<boolean> {
  if (!tiedEmbeddings || !tensors.has(OUTPUT) || !tensors.has(EMBEDDING)) return tiedEmbeddings;
  return sameValues(tensors, EMBEDDING, OUTPUT);
}

/** Refuses a tokenizer that cannot be the model's. */
export function checkVocabulary(
  location: string,
  { vocabSize, tokenCount }: ModelConfig,
  tokenizer: Tokenizer,
): void {
  if (tokenCount > vocabSize) {
    throw new JudgeDecodingError(
      'mismatch',
      `The tokenizer of \`${location}\` has ${tokenCount} tokens, its config a vocab_size of ${vocabSize}. They belong to different models.`,
    );
  }
  const outside = tokenizer.endTokens.find((id) => tokenizer.vocabulary(id) === undefined);
  if (outside !== undefined) {
    throw new JudgeDecodingError(
      'mismatch',
      `\`${location}\` names ${outside} as an end-of-sequence token, which its tokenizer does not have.`,
    );
  }
}

/** Left by some exporters; computed from the config instead. */
const isDerived = (name: string) => name.endsWith('.rotary_emb.inv_freq');

/** Refuses weights that are not, by name and shape, those of the model. */
export function checkTensors(
  location: string,
  config: ModelConfig,
  tensors: Pick<TensorSource, 'list' | 'has' | 'info'>,
): void {
  const listed = tensors.list();
  // before anything is made of the number: a config from a stranger may claim millions
  if (config.layers > listed.length) {
    throw new JudgeDecodingError(
      'invalid-file',
      `Expected tensors of ${config.layers} layers in \`${location}\`, got ${listed.length} tensors. Config and weights belong to different models.`,
    );
  }
  const expected = expectedTensors(config);
  for (const { name, shape } of expected) {
    if (!tensors.has(name)) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected a tensor \`${name}\` of shape [${shape.join(', ')}] in \`${location}\`, found none of that name. The weights are incomplete or of another model.`,
      );
    }
    const got = tensors.info(name).shape;
    if (got.length !== shape.length || got.some((size, i) => size !== shape[i])) {
      throw new JudgeDecodingError(
        'invalid-file',
        `Expected tensor \`${name}\` in \`${location}\` to have the shape [${shape.join(', ')}], got [${got.join(', ')}]. Config and weights belong to different models.`,
      );
    }
  }
  const known = new Set(expected.map(({ name }) => name));
  // a tied model may repeat the embedding as output matrix; `isTied` has seen that they are equal
  const isRepeated = (name: string) => config.tiedEmbeddings && name === OUTPUT;
  const extra = listed.find(({ name }) => !known.has(name) && !isDerived(name) && !isRepeated(name));
  if (extra !== undefined) {
    throw new JudgeDecodingError(
      'unsupported',
      `\`${location}\` has a tensor \`${extra.name}\` that a ${config.architecture} model as described by its config has no place for. Is it of another architecture?`,
    );
  }
}
