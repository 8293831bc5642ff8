import type {
  CommittedToken,
  Fingerprint,
  GuardOptions,
  RuleSpec,
  SamplingOptions,
  TokenId,
} from '@judge-decoding/core';

/** What a trace calls itself. */
export const TRACE_FORMAT = 'judge-decoding.trace';
/**
 * 2 adds what the target said in every row, the texts of tokens, and which tokens no admission may let in; 3 how prompts
 * were read. What is older than `OLDEST_TRACE_VERSION` is refused.
 */
export const TRACE_VERSION = 3;
export const OLDEST_TRACE_VERSION = 2;

/** Every round of one generation: enough to ask another machine for the same decisions, and to look at them without one. */
export interface Trace {
  readonly format: typeof TRACE_FORMAT;
  readonly version: typeof OLDEST_TRACE_VERSION | typeof TRACE_VERSION;
  readonly target: TracedModel;
  readonly draft: TracedModel | 'ngram' | 'none';
  readonly backend: string;
  readonly threads: number | 'auto';
  /** How the backend was asked to read prompts: `exact` where it reads them in one way. Absent before version 3. */
  readonly prefill?: 'exact' | 'fast';
  readonly verify: RuleSpec;
  /** What a judge needs to be the same one. */
  readonly head?: TracedHead;
  readonly sampling: SamplingOptions;
  readonly seed: number;
  readonly stop: readonly string[];
  readonly guards: GuardOptions;
  readonly maxTokens?: number;
  readonly prompt: readonly TokenId[];
  readonly rounds: readonly TracedRound[];
  /** Why the text ended; `interrupted` or `failed` where it was cut short. */
  readonly finish: string;
  readonly text: string;
  /** What each token of prompt, drafts, text and alternatives adds to a text, by its id. */
  readonly pieces: Readonly<Record<string, TokenPiece>>;
}

export interface TracedHead {
  readonly file: string;
  readonly sha256: string;
  readonly threshold: number;
}

export interface TracedModel {
  readonly folder: string;
  readonly dtype: string;
  readonly device: string;
  readonly contextLength: number;
  /** Whether passes of every width had the same bits. */
  readonly exact?: boolean;
  readonly endTokens: readonly TokenId[];
  readonly specialTokens: readonly TokenId[];
  readonly fingerprint: Fingerprint;
}

export interface TracedRound {
  readonly draft: readonly TokenId[];
  readonly tokens: readonly CommittedToken[];
  /** Judge scores of all drafted tokens; null where one was not a number. */
  readonly scores: readonly (number | null)[];
  /** What the target said, one row more than was drafted: row i is what draft[i] stood against. */
  readonly rows: readonly TracedRow[];
}

/** One row of the target: its most likely tokens, rounded to five digits behind the point. */
export interface TracedRow {
  /** What the target itself would have written. */
  readonly choice: TokenId;
  /** ln p of the drafted token; null where it is minus infinity, absent in the last row. */
  readonly drafted?: number | null;
  /** Nats, over the whole vocabulary. */
  readonly entropy: number;
  /** ln sum exp(logits): what turns a ln p of `top` back into the model's own score. */
  readonly logSumExp: number;
  /** Token and ln p, most likely first. */
  readonly top: readonly (readonly [TokenId, number])[];
}

/** Text, bytes that are no whole characters, or the name of a special token. */
export type TokenPiece = string | { readonly hex: string } | { readonly special: string };
