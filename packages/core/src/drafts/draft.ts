import type { KeptDistributions, ReadBacks, TokenId } from '../backend.ts';
import type { AbortSignalLike } from '../decode/abort.ts';
import type { Rows } from '../sampling/rows.ts';
import type { SamplingOptions } from '../sampling/sampling.ts';

/** What the loop asks a draft source for. */
export interface DraftRequest {
  /** The committed text; the draft continues its last token. */
  readonly text: readonly TokenId[];
  /** Most tokens to propose, at least 1. Fewer, even none, may come. */
  readonly count: number;
  readonly sampling: SamplingOptions;
  /** For the token at text.length + i. */
  readonly uniforms: Float64Array;
  readonly endTokens: readonly TokenId[];
  /** The accept rule needs the distributions the tokens come from. */
  readonly distributions: boolean;
  /** They may stay where they are made (`Draft.kept`): the target's device decides the round. */
  readonly keep?: boolean;
  /** Looked at between the parts of a long text that is read first. */
  readonly signal?: AbortSignalLike | undefined;
}

/** Proposed tokens and, where asked for, the distributions they were drawn from (draft.length rows). */
export interface Draft {
  readonly tokens: readonly TokenId[];
  /** As the sampling options shape them; absent means one-hot. */
  readonly target?: Rows;
  /** Raw softmax at temperature 1 under greedy decoding, otherwise as `target`. */
  readonly belief?: Rows;
  /** In place of both, where the request allows it. */
  readonly kept?: KeptDistributions;
}

/** Where drafts come from. It follows the text by itself: nothing has to be rolled back for it. */
export interface DraftSource {
  readonly name: string;
  /** False where the tokens come without a distribution (their q is one-hot). */
  readonly hasDistribution: boolean;
  /** Tokens it can hold at most; absent when it holds none. */
  readonly contextLength?: number;
  /** Fingerprint of its tokenizer; absent where it has none of its own. */
  readonly tokenizer?: string;
  /** What runs it, as `ModelInfo.device` says it; absent where it is no model. */
  readonly device?: string;
  /** As `Session.readBacks`. */
  readonly readBacks?: ReadBacks | undefined;
  propose(request: DraftRequest): Promise<Draft>;
}
