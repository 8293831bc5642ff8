import type { ModelInfo, Session, TokenId } from '../backend.ts';
import type { DraftSource } from '../drafts/draft.ts';
import type { DraftLength } from '../drafts/draft-length.ts';
import type { GuardOptions } from '../rules/guards.ts';
import type { Rule } from '../rules/rule.ts';
import type { SamplingOptions } from '../sampling/sampling.ts';
import type { AbortSignalLike } from './abort.ts';
import type { CachedText } from './cached-text.ts';
import type { StopConditions } from './stop.ts';

/** One generation. Everything but the model, the session and the prompt has a default. */
export interface GenerateOptions {
  readonly model: ModelInfo;
  /** The target's session: an empty one, or the `cachedText` of an earlier turn, of which the common prefix is kept. */
  readonly target: Session | CachedText;
  readonly prompt: readonly TokenId[];
  /** None is plain decoding. */
  readonly draft?: DraftSource | undefined;
  /** Strict by default: exact match under greedy decoding, speculative sampling otherwise. */
  readonly rule?: Rule | undefined;
  /** Tokens drafted a round, 8 by default, or a controller (`adaptiveLength`). */
  readonly draftLength?: number | DraftLength | undefined;
  /** Greedy by default. */
  readonly sampling?: SamplingOptions | undefined;
  /** The same seed gives the same text on the same backend; 0 by default. */
  readonly seed?: number | undefined;
  /** Unlimited by default, but for the context. */
  readonly maxTokens?: number | undefined;
  readonly stop?: StopConditions | undefined;
  /** Limits over every admission; 'off' only to measure. */
  readonly guards?: GuardOptions | 'off' | undefined;
  /** False commits nothing after a fully accepted draft. */
  readonly bonus?: boolean | undefined;
  /** Accept a head fitted on other weights (another quantisation); noted in the statistics. */
  readonly allowOtherWeights?: boolean | undefined;
  /** Allow an adaptive draft length where the text depends on it: then only a trace replays a text. */
  readonly allowAdaptive?: boolean | undefined;
  readonly signal?: AbortSignalLike | undefined;
  /** Milliseconds, for the statistics; without it all times are 0. */
  readonly now?: (() => number) | undefined;
}
