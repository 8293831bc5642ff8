import type {
  ErrorCode,
  HeadLayer,
  HiddenName,
  HiddenState,
  ModelInfo,
  Proposed,
  ProposeRequest,
  TokenId,
} from '@judge-decoding/core';
import type { DecoderDtype, WeightsReport } from '@judge-decoding/onnx';
import type { GraphProgress } from '@judge-decoding/onnx/cache';

/** How a model is opened; plain data, for the worker. */
export interface WorkerOptions {
  readonly location: string;
  readonly dtype?: DecoderDtype;
  /** Absent: one for small models, the machine's cores otherwise. */
  readonly threads?: number;
  readonly spinning?: boolean;
  readonly contextLength?: number;
  readonly prefillChunk?: number;
  readonly exact?: boolean | 'quantised';
  readonly cacheFolder?: string;
  /** Raised by the main thread to give up the writing of a graph. */
  readonly stop?: Int32Array;
}

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
}

/** What is asked of an open model. */
export type ModelCall =
  | { readonly kind: 'open-session'; readonly session: number }
  | { readonly kind: 'forward'; readonly passes: readonly SentPass[]; readonly request: SentRequest }
  | { readonly kind: 'propose'; readonly pass: SentPass; readonly request: ProposeRequest }
  | { readonly kind: 'dispose-session'; readonly session: number }
  | { readonly kind: 'dispose' };

export type Call = { readonly kind: 'open'; readonly options: WorkerOptions } | ModelCall;

export type Question = Call & { readonly id: number };

/** An error as it crosses: class and cause do not survive, code and words do. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly stack?: string;
}

export type Answer =
  | { readonly kind: 'value'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly error: SentError }
  | { readonly kind: 'progress'; readonly progress: GraphProgress };

/** What is known about a model once it is open. */
export interface OpenedModel {
  readonly info: ModelInfo;
  readonly weights: WeightsReport;
}

/** What each call answers. */
export interface Answers {
  readonly open: OpenedModel;
  readonly 'open-session': undefined;
  readonly forward: readonly object[];
  readonly propose: Proposed;
  readonly 'dispose-session': undefined;
  readonly dispose: undefined;
}

/** Where questions are asked: the main thread's end of a worker. */
export interface Line {
  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]>;
  /** Whether nobody is there any more. */
  readonly ended: boolean;
  /** Ends what answers, after what it is at. */
  close(): Promise<void>;
}
