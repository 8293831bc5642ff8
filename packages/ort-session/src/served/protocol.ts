import type {
  ErrorCode,
  HeadLayer,
  HiddenName,
  HiddenState,
  ModelInfo,
  Proposed,
  ProposeRequest,
  ReadBacks,
  TokenId,
} from '@judge-decoding/core';

/** A head term as it crosses: its weights go once, afterwards its number is enough. */
export interface SentTerm {
  readonly id: number;
  readonly layer: HeadLayer;
  readonly state: HiddenState;
  readonly row: 'own' | 'previous';
  readonly weights?: Float32Array;
}

/** An OutputRequest whose terms are numbered. */
export interface SentRequest {
  readonly argmax?: true;
  readonly chosen?: true;
  readonly top?: number;
  readonly judge?: readonly SentTerm[];
  readonly hidden?: readonly HiddenName[];
  readonly logits?: true;
}

/** Tokens for one session; `length` is what its cache is cut to before: truncation costs no message. */
export interface SentPass {
  readonly session: number;
  readonly length: number;
  readonly tokens: readonly TokenId[];
  /** As `Session.expectEnd`. */
  readonly end?: number;
}

/** What is asked of an open model. */
export type ModelCall =
  | { readonly kind: 'open-session'; readonly session: number }
  | { readonly kind: 'forward'; readonly passes: readonly SentPass[]; readonly request: SentRequest }
  | { readonly kind: 'propose'; readonly pass: SentPass; readonly request: ProposeRequest }
  | { readonly kind: 'dispose-session'; readonly session: number }
  | { readonly kind: 'dispose' };

/** `Options` say how the model is opened; plain data. */
export type Call<Options = unknown> = { readonly kind: 'open'; readonly options: Options } | ModelCall;

export type Question<Options = unknown> = Call<Options> & { readonly id: number };

/** An error as it crosses: class and cause do not survive, code and words do. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack?: string;
}

export type Answer =
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: SentError }
  | { readonly kind: 'progress'; readonly progress: unknown };

/** What is known about a model once it is open; `details` are what its backend has to say of it. Plain data. */
export interface Opened<Details = unknown> {
  readonly info: ModelInfo;
  readonly details: Details;
}

/** What a session answers, and what it has brought from its device so far. */
export interface Answered<Value> {
  readonly value: Value;
  readonly readBacks?: ReadBacks | undefined;
}

/** What each call answers. */
export interface Answers {
  readonly open: Opened;
  readonly 'open-session': undefined;
  readonly forward: readonly Answered<object>[];
  readonly propose: Answered<Proposed>;
  readonly 'dispose-session': undefined;
  readonly dispose: undefined;
}

/** Where questions are asked: the caller's end of a worker. */
export interface Line {
  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]>;
  /** Whether nobody is there any more. */
  readonly ended: boolean;
  /** Ends what answers, after what it is at. */
  close(): Promise<void>;
}
