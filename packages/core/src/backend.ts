import type { SamplingOptions } from './sampling/sampling.ts';
import type { TokenId } from './token.ts';

export type { TokenId };

/** Which hidden state of the last layer: before or after the model's final RMSNorm. */
export type HiddenState = 'pre-norm' | 'post-norm';

/**
 * The last layer counts by its name; layer n, from 1, is the residual stream after the n-th layer, and
 * has no norm of its own: its state is `pre-norm`.
 */
export type HeadLayer = 'last' | number;

/** A hidden state by name: the last layer's two, or an earlier layer's: `layer-12`. */
export type HiddenName = HiddenState | `layer-${number}`;

/**
 * One linear term of a judge head, applied to one hidden state. Treat it as immutable: backends
 * keep a device copy of `weights`, keyed by this object.
 */
export interface HeadTerm {
  /** A model reads the last one and those of `info.layersOffered`, and refuses others. */
  readonly layer: HeadLayer;
  readonly state: HiddenState;
  /**
   * The row whose state is read, relative to the judged token: its own, or the one before it. The
   * decode loop does the shifting; a backend returns every row's own dot product.
   */
  readonly row: 'own' | 'previous';
  /** [hiddenSize], float32, standardisation already folded in. */
  readonly weights: Float32Array;
}

/**
 * What a forward pass shall return. Nothing that is not asked for leaves the device; what can be
 * decided there should be (an argmax is 4 bytes, a row of logits half a megabyte).
 */
export interface OutputRequest {
  readonly argmax?: true;
  readonly chosen?: true;
  /** How many of the most likely tokens per row, from 1 to the vocabulary's size. */
  readonly top?: number;
  /** One dot product per row and term. */
  readonly judge?: readonly HeadTerm[];
  readonly hidden?: readonly HiddenName[];
  readonly logits?: true;
}

/**
 * Results of feeding `tokens` (rows = tokens.length). Row j is what the model knows after reading
 * tokens[j], so row j predicts token j + 1. All probabilities here are the raw softmax at
 * temperature 1. The arrays belong to the caller: a backend never writes to them again.
 */
export interface ForwardOutputs {
  /** Most likely next token per row, the lowest id on a tie. [rows] */
  readonly argmax: Int32Array;
  /** ln p(tokens[j + 1] | everything up to tokens[j]). [rows - 1] */
  readonly chosen: Float32Array;
  readonly top: TopTokens;
  /** dot(weights of term t, hidden state of row j), at [j * terms + t]. [rows, terms] */
  readonly judge: Float32Array;
  /** The requested states in the order asked for, each [rows, hiddenSize], row-major. */
  readonly hidden: readonly Float32Array[];
  /** Raw next-token scores. [rows, vocabSize], row-major */
  readonly logits: Float32Array;
}

/** The `count` most likely tokens per row, most likely first, and the row's normaliser and entropy. */
export interface TopTokens {
  readonly count: number;
  /** [rows, count] */
  readonly ids: Int32Array;
  /** Natural log-probabilities. [rows, count] */
  readonly logProbs: Float32Array;
  /** ln sum exp(logits) over the whole vocabulary. [rows] */
  readonly logSumExp: Float32Array;
  /** Entropy in nats over the whole vocabulary. [rows] */
  readonly entropy: Float32Array;
}

/** Names of what a forward pass can return. */
export type OutputName = keyof ForwardOutputs;

/** Exactly the outputs that were asked for. */
export type Outputs<Request extends OutputRequest> = Pick<ForwardOutputs, Extract<keyof Request, OutputName>>;

/** How `Session.propose` draws. */
export interface ProposeRequest {
  /** Most tokens to draft, at least 1. */
  readonly count: number;
  /** Greedy on the raw argmax when absent. Plain data, so that it can cross to a worker or a device. */
  readonly sampling?: ProposeSampling;
  /** Drafting ends after one of these (what follows an end of sequence is never kept). */
  readonly endTokens?: readonly TokenId[];
  /**
   * Greedy drafts only, above 0 and at most 1: drafting ends before a token to which the raw softmax gives less than
   * this; such a first token is the whole draft. (A drawn token must not decide whether it is offered: the target's
   * distribution would not be kept.)
   */
  readonly leastProbability?: number;
  /** Also return the raw logits of every drafted row. */
  readonly logits?: true;
}

/** Drawing from the processed distribution, one uniform number per token. */
export interface ProposeSampling {
  readonly options: SamplingOptions;
  /** The text the penalties see: everything up to and including the last of the `tokens` fed. */
  readonly history: readonly TokenId[];
  /** In [0, 1), at least one for each of the `count` tokens. */
  readonly uniforms: Float64Array;
  /**
   * The distributions may stay on the device, for `Session.verify` of a target there: `kept` in place of
   * `probs`. A backend that has nowhere to keep them returns `probs` all the same.
   */
  readonly keep?: true;
}

/** Distributions of a draft that stayed where they were made; they hold until their session drafts again. */
export interface KeptDistributions {
  readonly rows: number;
  /** A copy for the host. [rows, vocabSize] */
  probs(): Promise<Float64Array>;
}

/** By which law a device decides a round; core's bases of the same names are the reference. */
export type VerifyLaw =
  /** The most likely token of the processed distribution. */
  | { readonly kind: 'exact' }
  /** Accepts where u l q < p; what is recovered comes from max(0, p - q). */
  | { readonly kind: 'speculative'; readonly lenience: number }
  | { readonly kind: 'block' };

/** A round that the device decides. Plain data, but for `draft`. */
export interface VerifyRequest {
  readonly law: VerifyLaw;
  readonly options: SamplingOptions;
  /** The text that the draft continues: everything up to and including the first of the `tokens` fed. */
  readonly history: readonly TokenId[];
  /** Where the drafted tokens come from; absent: the draft was certain of each. */
  readonly draft?: KeptDistributions;
  /** In [0, 1): `accept` and `recovered` for each drafted token, `bonus` for what follows them all. */
  readonly uniforms: {
    readonly accept: Float64Array;
    readonly recovered: Float64Array;
    readonly bonus: number;
  };
  /** What the pass shall return beside the decisions. */
  readonly outputs: OutputRequest;
}

/** What became of a draft of `tokens.length - 1`, by the target's processed distributions. */
export interface Verified {
  /** 1 where the law accepts; `block` accepts the first so many. [drafted] */
  readonly accepted: Uint8Array;
  /** What is drawn where the token is the first that is not kept. Of `block` only behind the accepted ones, elsewhere 0. [drafted] */
  readonly recovered: Int32Array;
  /** What is drawn after all of them; of `block` 0 where not all are accepted. */
  readonly bonus: TokenId;
  /** Most likely token, the lowest id on a tie. [drafted + 1] */
  readonly argmax: Int32Array;
  /** ln p of the drafted tokens. [drafted] */
  readonly chosen: Float64Array;
  /** Exactly what `outputs` asked for. */
  readonly outputs: Partial<ForwardOutputs>;
}

/** What a device has handed to the host. Plain data. */
export interface ReadBacks {
  /** Times that the host waited for results. */
  readonly count: number;
  readonly bytes: number;
}

/** What a draft session proposed: at least one token, at most `count`. */
export interface Proposed {
  readonly tokens: readonly TokenId[];
  /** Raw logits from which tokens[i] was drawn, when asked for. [tokens.length, vocabSize] */
  readonly logits?: Float32Array;
  /** Processed probabilities from which tokens[i] was drawn; present when sampling. [tokens.length, vocabSize] */
  readonly probs?: Float64Array;
  /** In place of `probs` where the request allows it. */
  readonly kept?: KeptDistributions;
}

/**
 * One KV cache over a model. Calls are made one after another: a call that overlaps another on
 * the same session is refused with code `busy` and changes nothing. So is a bad argument (no
 * tokens, an id outside the vocabulary, a length outside 0..length), with code `invalid-input` or
 * `invalid-option`, and a request the backend cannot serve, with `unsupported`.
 */
export interface Session {
  /** Tokens in the cache. */
  readonly length: number;
  /** What its calls have brought from the device so far; absent where that is not counted, or nothing lies there. */
  readonly readBacks?: ReadBacks | undefined;
  /**
   * Appends `tokens` (at least one) and returns exactly the outputs asked for. An empty request
   * only fills the cache. Past the context limit: code `context-full`, and the session is as before.
   */
  forward<const Request extends OutputRequest>(
    tokens: readonly TokenId[],
    request: Request,
  ): Promise<Outputs<Request>>;
  /**
   * A hint that changes no answer: the text will hold no more than `length` tokens here, so a backend that runs ahead of
   * what it is asked need not run further. Absent where nothing does.
   */
  expectEnd?(length: number): void;
  /**
   * Forgets everything after the first `length` tokens. Only an integer changes: buffers stay, and
   * what is fed next overwrites what was forgotten.
   */
  truncate(length: number): void;
  /**
   * Feeds `tokens` (at least one), then drafts: draw, feed what was drawn, draw again. The last
   * token drawn is not fed, so `length` grows by tokens.length + proposed.tokens.length - 1.
   * All of it is one call to the device: the host is not asked between tokens. Near the context
   * limit it drafts what fits; only where `tokens` themselves do not fit is it `context-full`.
   */
  propose(tokens: readonly TokenId[], request: ProposeRequest): Promise<Proposed>;
  /**
   * Feeds `tokens` (the text's last token, then the draft) and decides the round where the logits are, so
   * that no distribution has to leave the device. Absent where the backend has no such thing: then the
   * host decides, from `logits`.
   */
  verify?(tokens: readonly TokenId[], request: VerifyRequest): Promise<Verified>;
  /** Frees the cache; twice is fine. Every other call is refused afterwards with code `disposed`. */
  dispose(): Promise<void>;
}

/** Tokens for one session in a pass over several. */
export interface Pass {
  readonly session: Session;
  readonly tokens: readonly TokenId[];
}

/** Weights, loaded once. */
export interface Model {
  readonly info: ModelInfo;
  openSession(): Promise<Session>;
  /**
   * Runs several of this model's sessions in one pass, the same request for each, results in the
   * order given. A backend that cannot batch runs them one after another: the results are the same.
   * All or nothing: where one pass is refused, no session has moved.
   */
  forward<const Request extends OutputRequest>(
    passes: readonly Pass[],
    request: Request,
  ): Promise<readonly Outputs<Request>[]>;
  /** Disposes the sessions too; twice is fine. */
  dispose(): Promise<void>;
}

/** Facts about a loaded model. */
export interface ModelInfo {
  readonly name: string;
  readonly architecture: string;
  /** Real tokens. Padding rows of the output matrix never leave a backend. */
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  /** Longest text a session can hold, in tokens. */
  readonly contextLength: number;
  /** Tokens that end a text, from the model's own generation config. */
  readonly endTokens: readonly TokenId[];
  /** Tokens with a meaning of their own (end, begin, roles, padding), the end tokens among them: no admission ever lets one in. */
  readonly specialTokens: readonly TokenId[];
  /** Type of the weights as run: fp32, fp16, bf16, int8, int4. */
  readonly dtype: string;
  /** What really runs it: cpu, webgpu, cuda … */
  readonly device: string;
  /** Tokens a forward of a long prompt should carry at most. */
  readonly prefillChunk: number;
  /**
   * Whether a row's outputs are the same bits however the text was cut into passes, so that strict
   * decoding writes what plain decoding writes even at near ties. Absent: the same but for last bits,
   * which weights of few bits make more of.
   */
  readonly exact?: boolean;
  /** Layers before the last whose states can be asked for, ascending, from 1 to layers - 1. None when absent. */
  readonly layersOffered?: readonly number[];
  readonly fingerprint: Fingerprint;
}

/** Hex digests. A head fits a model of the same architecture and tokenizer; weights may differ by flag. */
export interface Fingerprint {
  readonly architecture: string;
  readonly tokenizer: string;
  readonly weights: string;
}

/**
 * Where models run. `specVersion` changes only when the meaning of something above changes;
 * a new output is an addition.
 */
export interface Backend {
  readonly specVersion: 1;
  readonly name: string;
  /** Outputs every session of this backend can return. */
  readonly outputs: readonly OutputName[];
  /**
   * Opens a model from wherever this backend reads them (a folder, a file, a URL).
   * A missing or malformed one is an error of code `not-found` or `invalid-file` that names it.
   */
  open(location: string): Promise<Model>;
}
