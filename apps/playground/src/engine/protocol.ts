import type {
  CommittedToken,
  JudgeHead,
  ModelInfo,
  Placement,
  RuleSpec,
  Stats,
  TokenId,
} from '@judge-decoding/core';
import type { Opinion, TokenPiece, Trace, TracedRound } from '@judge-decoding/trace';

/** Where models run. */
export type Device = 'wasm' | 'webgpu';
export const DEVICES: readonly Device[] = ['wasm', 'webgpu'];

/** Where one model is: a folder or a GGUF file by its address, or files that a person picked. */
export type ModelPlace = { readonly url: string } | { readonly files: readonly File[] };

/** A draft and a target, and the head of the target. Without a draft what stood in the text before is looked up. */
export interface PairPlace {
  readonly name: string;
  readonly target: ModelPlace;
  readonly draft?: ModelPlace;
  readonly head?: { readonly url: string } | { readonly file: File };
}

/** What the page shows of an open model. */
export type ShownModel = Pick<
  ModelInfo,
  | 'name'
  | 'architecture'
  | 'dtype'
  | 'device'
  | 'vocabSize'
  | 'hiddenSize'
  | 'layers'
  | 'contextLength'
  | 'endTokens'
  | 'specialTokens'
>;

export interface OpenedPair {
  readonly name: string;
  readonly target: ShownModel;
  /** Absent where drafts are looked up in the text. */
  readonly draft?: ShownModel;
  readonly head?: Pick<JudgeHead, 'threshold'> & {
    readonly calibration: JudgeHead['provenance']['calibration'];
  };
  /** Threads that compute, where a device has some. */
  readonly threads: number;
  /** Where the draft runs, if that was measured. */
  readonly placement?: Placement;
  /** What the GPU calls itself, and whether it is one. */
  readonly adapter?: { readonly name: string; readonly software: boolean };
  /** Whether a chat template wraps prompts. */
  readonly chat: boolean;
}

/** How far something long is. */
export interface Progress {
  readonly what: string;
  readonly done: number;
  readonly total: number;
}

/** One generation. */
export interface RunRequest {
  /** What a person wrote. */
  readonly problem: string;
  /** What stands behind the prompt already: a generation that goes on from there. */
  readonly after?: readonly TokenId[];
  readonly verify: RuleSpec;
  /** 0 is plain decoding. */
  readonly draftLength: number;
  readonly maxTokens: number;
}

export interface RunRound {
  readonly round: TracedRound;
  /** Pieces of tokens that no earlier round of this run has mentioned. */
  readonly pieces: Readonly<Record<string, TokenPiece>>;
  /** Milliseconds of decoding until this round was done, without the reading of the prompt. */
  readonly at: number;
}

export interface RunStart {
  readonly prompt: readonly TokenId[];
  readonly pieces: Readonly<Record<string, TokenPiece>>;
}

export interface RunEnd {
  readonly finish: string;
  readonly text: string;
  readonly stats: Stats;
  /** Milliseconds of decoding, without the reading of the prompt. */
  readonly elapsed: number;
  readonly trace: Trace;
}

/** One rule's view of a draft. */
export interface RuleOpinions {
  readonly spec: RuleSpec;
  readonly opinions: readonly Opinion[];
  /** Why it could not be asked. */
  readonly refused?: string;
}

/** A draft that stands behind a text. */
export interface OpinionRequest {
  readonly prompt: readonly TokenId[];
  readonly text: readonly TokenId[];
  readonly draft: readonly TokenId[];
  readonly specs: readonly RuleSpec[];
}

/** Everything that can be asked of the worker, and what each is answered with. */
export interface Calls {
  open: { ask: { place: PairPlace; device: Device }; events: Progress; answer: OpenedPair };
  run: { ask: RunRequest; events: RunStart | RunRound; answer: RunEnd };
  opinions: { ask: OpinionRequest; events: never; answer: readonly RuleOpinions[] };
  close: { ask: null; events: never; answer: null };
}
export type CallName = keyof Calls;

export type ToWorker =
  | {
      readonly [Name in CallName]: {
        readonly id: number;
        readonly call: Name;
        readonly ask: Calls[Name]['ask'];
      };
    }[CallName]
  | { readonly id: number; readonly call: 'cancel' };

export type FromWorker =
  | { readonly id: number; readonly kind: 'event'; readonly event: unknown }
  | { readonly id: number; readonly kind: 'answer'; readonly answer: unknown }
  | { readonly id: number; readonly kind: 'refused'; readonly code: string; readonly message: string };

export type { CommittedToken };
