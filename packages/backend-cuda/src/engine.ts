import type { HiddenState, Verified, VerifyLaw } from '@judge-decoding/core';

/** How the linear layers are held on the device. */
export type HeldAs = 'bf16' | 'fp16' | 'fp8' | 'int8' | 'int4' | 'q8_0' | 'q4_0';

/** How a tensor that is handed over lies in memory. */
export type SourceType = 'BF16' | 'F16' | 'F32' | 'Q8_0' | 'Q4_0';

/** Which tensor of a decoder. Matrices are [rows, cols], row-major, y = W x; vectors have one column. */
export type TensorRole =
  | 'embedding'
  | 'output'
  | 'final-norm'
  | 'attention-norm'
  | 'feed-forward-norm'
  | 'q'
  | 'k'
  | 'v'
  | 'o'
  | 'q-bias'
  | 'k-bias'
  | 'v-bias'
  | 'o-bias'
  | 'q-norm'
  | 'k-norm'
  | 'gate'
  | 'up'
  | 'down';

/** A decoder as the engine needs to know it. */
export interface EngineShape {
  /** Of rank 0. */
  readonly device: number;
  /**
   * The GPU of every rank, where there are several: a GPU each, or one for all of them, which then share
   * its multiprocessors. Absent: one rank on `device`.
   */
  readonly ranks?: readonly number[];
  readonly heldAs: HeldAs;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headDim: number;
  readonly feedForward: number;
  readonly vocabRows: number;
  readonly tokens: number;
  readonly context: number;
  readonly normEpsilon: number;
  /** Multiplies cosine and sine; 1 unless a rope scaling says otherwise. */
  readonly ropeScale: number;
  readonly tied: boolean;
  readonly qBias: boolean;
  readonly kBias: boolean;
  readonly vBias: boolean;
  readonly oBias: boolean;
  readonly queryKeyNorm: boolean;
  /**
   * Rows of a prompt that cuBLASLt reads at once, a multiple of 128 from 256 to 8,192, with other bits than
   * decoding's. Absent: prompts are read exactly.
   */
  readonly fastRows?: number;
  /** [headDim / 2] */
  readonly inverseFrequencies: Float32Array;
}

export interface DeviceInfo {
  readonly index: number;
  readonly name: string;
  /** Such as `9.0`. */
  readonly compute: string;
  readonly multiprocessors: number;
  readonly clockMhz: number;
  readonly memoryClockMhz: number;
  readonly memoryBusBits: number;
  /** CUDA's version as the driver reports it, such as `13.0`. */
  readonly driver: string;
  /** Bytes. */
  readonly memoryTotal: number;
  readonly memoryFree: number;
}

/** Bytes a second. */
export interface Bandwidth {
  /** By a kernel that only reads. */
  readonly read: number;
  /** Read and written by a copy. */
  readonly copied: number;
}

/** A tensor in the caller's memory. */
export interface GivenTensor {
  readonly role: TensorRole;
  /** 0 for what is in no layer. */
  readonly layer: number;
  readonly source: SourceType;
  readonly data: Uint8Array | Float32Array;
  readonly rows: number;
  readonly cols: number;
}

export interface EnginePass {
  readonly session: EngineSession;
  readonly tokens: Int32Array;
  /** Position of the first row: what is behind it in the cache is overwritten. */
  readonly start: number;
}

/** What a pass shall return. */
export interface EngineRequest {
  readonly argmax: boolean;
  readonly chosen: boolean;
  /** 0 for none, at most 64. */
  readonly top: number;
  readonly logSumExp: boolean;
  readonly entropy: boolean;
  readonly terms: readonly {
    readonly state: HiddenState;
    /** Place in `layers` of the layer whose residual stream it reads; absent: the last layer's `state`. */
    readonly layer?: number;
    readonly id: number;
  }[];
  readonly hidden: readonly HiddenState[];
  /** Earlier layers that are read, counted from 1; each once. */
  readonly layers: Int32Array;
  /** Whether their residual streams are handed over, or only read by terms. */
  readonly layerStates: boolean;
  readonly logits: boolean;
}

/** Rows of all passes in order, R of them; empty arrays for what was not asked for. */
export interface EngineOutputs {
  /** [R] */
  readonly argmax: Int32Array;
  /** [R]; undefined in each pass's last row. */
  readonly chosen: Float32Array;
  /** [R, top] */
  readonly topIds: Int32Array;
  readonly topLogProbs: Float32Array;
  /** [R] */
  readonly logSumExp: Float32Array;
  readonly entropy: Float32Array;
  /** [R, terms] */
  readonly judge: Float32Array;
  /** [R, hidden] */
  readonly preNorm: Float32Array;
  readonly postNorm: Float32Array;
  /** [R, layers, hidden] */
  readonly layerStates: Float32Array;
  /** [R, tokens] */
  readonly logits: Float32Array;
}

/** How a distribution is shaped; what a text's own tokens change is listed by token. */
export interface EngineShaping {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly repetition: number;
  readonly presence: number;
  readonly frequency: number;
  /** Tokens whose logit is not taken as it is, each once. */
  readonly tokens: Int32Array;
  readonly bias: Float64Array;
  readonly counts: Int32Array;
  readonly repeated: Int32Array;
}

export interface EngineDraftOptions {
  readonly count: number;
  readonly endTokens: Int32Array;
  readonly logits: boolean;
  /** Absent: the argmax. */
  readonly sampled?: {
    readonly shaping: EngineShaping;
    /** [count] */
    readonly uniforms: Float64Array;
    /** Distributions stay with the session. */
    readonly keep: boolean;
  };
}

export interface EngineDraft {
  readonly tokens: Int32Array;
  /** [tokens.length, vocabulary], when asked for. */
  readonly logits: Float32Array | undefined;
  /** [tokens.length, vocabulary], where sampled and not kept. */
  readonly probs: Float64Array | undefined;
}

/** A round as the device is asked to decide it. */
export interface EngineRound {
  readonly law: VerifyLaw;
  readonly shaping: EngineShaping;
  readonly accept: Float64Array;
  readonly recover: Float64Array;
  readonly bonus: number;
  /** A session that kept its draft's distributions, or those; absent: the draft was certain. */
  readonly draft?: EngineSession | Float64Array;
}

/** One cache on the device. */
export interface EngineSession {
  readonly capacity: number;
  destroy(): Promise<void>;
}

/** Milliseconds of one forward or draft. */
export interface CallTime {
  /** Inside the library, all of it. */
  readonly library: number;
  /** Of it, those in which the device was at work; 0 where `timed` is off. */
  readonly device: number;
}

/** Weights on a device. Calls may overlap: they are run one after another. */
export interface EngineModel {
  /** Whether the device is asked for its own time; off by default, it costs a few microseconds a call. */
  timed: boolean;
  /** Of the forward or draft that ended last. */
  readonly lastCall: CallTime;
  put(tensor: GivenTensor): Promise<void>;
  /** Random weights for whatever was not put. */
  synthesize(seed: number): Promise<void>;
  /** After this passes are run; refuses a model that lacks a tensor. */
  finish(): Promise<void>;
  createTerm(weights: Float32Array): Promise<number>;
  destroyTerm(id: number): Promise<void>;
  createSession(capacity: number): Promise<EngineSession>;
  /** Microseconds of a sum over the ranks, with residual and norm, in passes of so many rows. */
  allReduce(rows: number): Promise<number>;
  /** Each rank's residual stream of the last run of a pass. Ranks x [rows, hidden]; the same bits on all of them. */
  residuals(rows: number): Promise<readonly Float32Array[]>;
  /** As if a rank's GPU had failed: what it sends reaches nobody. For tests, before the first pass. */
  mute(rank: number): Promise<void>;
  forward(passes: readonly EnginePass[], request: EngineRequest): Promise<EngineOutputs>;
  propose(pass: EnginePass, options: EngineDraftOptions): Promise<EngineDraft>;
  /** A pass over the text's last token and a draft of at most 63, and what became of the draft. */
  verify(
    pass: EnginePass,
    request: EngineRequest,
    round: EngineRound,
  ): Promise<Omit<Verified, 'outputs'> & { readonly outputs: EngineOutputs }>;
  /** What a session's last draft kept, [rows, tokens]. */
  keptProbs(session: EngineSession, rows: number): Promise<Float64Array>;
  /** Whether `verify` can read what that session kept, without the host. */
  canRead(session: EngineSession): boolean;
  /** Ends what runs as soon as it can, destroys the sessions, too; twice is fine. */
  destroy(): Promise<void>;
}

/** What the library does, without pointers: the binding implements it, and tests put others in its place. */
export interface Engine {
  /** Name and version of the library's build. */
  readonly build: string;
  deviceCount(): Promise<number>;
  device(index: number): Promise<DeviceInfo>;
  bandwidth(index: number): Promise<Bandwidth>;
  /** The version of the cuBLASLt that fast prefill would use, such as `13.0.2`; rejects, code `unsupported`, where there is none. */
  matrixLibrary(): Promise<string>;
  /** Bytes of device memory; of several ranks, those of the one that takes most. 0 where the model does not divide. Pure arithmetic. */
  modelBytes(shape: EngineShape): number;
  sessionBytes(shape: EngineShape, capacity: number): number;
  /** `patience`: milliseconds one rank waits for another before all give up; ten seconds when absent. */
  createModel(shape: EngineShape, options?: { readonly patience?: number }): Promise<EngineModel>;
}
