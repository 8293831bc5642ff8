import type { Fingerprint, TokenId } from '@judge-decoding/core';
import type { ModelConfig } from './model-config.ts';
import type { TensorSource } from './tensor-source.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * One model at rest: what it is, its weights, its tokenizer. Says nothing about the files it came
 * from: a Hugging Face folder and a GGUF file give the same object.
 */
export interface Checkpoint extends AsyncDisposable {
  /** Last part of the location, for messages and file names. */
  readonly name: string;
  /** Where it was opened from, as given. */
  readonly location: string;
  readonly config: ModelConfig;
  readonly generation: GenerationDefaults;
  readonly tokenizer: Tokenizer;
  /** Exactly the tensors that `expectedTensors(config)` lists are promised to be there, with those shapes. */
  readonly tensors: TensorSource;
  /** Reads every weight once on the first call (cached on disk where a cache folder was given). */
  fingerprint(): Promise<Fingerprint>;
  /** Closes the files, as leaving an `await using` does; twice is fine. Reading a tensor afterwards is refused with code `disposed`. */
  dispose(): Promise<void>;
}

/** How the model's makers want it sampled: facts from its generation config, absent where it says nothing. */
export interface GenerationDefaults {
  /** Tokens that end a text, at least one in any model that ends by itself. */
  readonly endTokens: readonly TokenId[];
  readonly beginToken?: TokenId;
  readonly temperature?: number;
  readonly topK?: number;
  readonly topP?: number;
  readonly minP?: number;
  readonly repetitionPenalty?: number;
}
