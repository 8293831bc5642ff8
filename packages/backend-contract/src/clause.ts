import type { Backend, HeadTerm, Model, OutputName, Session, TokenId } from '@judge-decoding/core';
import type { Tolerance } from './tolerance.ts';

/** One promise every backend makes. `id` is stable: exemptions and reports name it. */
export interface Clause {
  readonly id: string;
  readonly promise: string;
  /** Outputs without which the promise cannot be examined. */
  readonly needs: readonly OutputName[];
  /** A call of sessions that need not be there, and without which there is nothing to examine. */
  readonly call?: 'verify';
  /** Golden values without which the promise cannot be examined. */
  readonly golden?: keyof Golden;
  /** Resolves when the promise is kept, rejects with what was seen when it is broken. */
  run(context: ClauseContext): Promise<void>;
}

/** Everything that is needed to examine one backend. */
export interface Subject {
  readonly backend: Backend;
  /** Where the backend finds the fixture model; the smaller, the better. */
  readonly location: string;
  /** The device that was asked for, as `Model.info.device` names it. */
  readonly device: string;
  readonly tolerance: Tolerance;
  /** Clause id to the reason why this backend is not held to it. */
  readonly exempt: Readonly<Record<string, string>>;
  /** A location that does not exist; made from `location` when absent. */
  readonly missing?: string;
  /** Locations of damaged models, each refused with `invalid-file` (or `not-found` for what a folder lacks). */
  readonly malformed?: readonly string[];
  /** Device memory in use, in bytes, where it can be told. */
  readonly memoryInUse?: () => number | Promise<number>;
  readonly golden?: Golden;
  /**
   * A device on which each pass takes tens of milliseconds, a processor that plays a GPU: what clauses do again and again with
   * other numbers is done a quarter as often, and of their cases some are tried. No clause is left out.
   */
  readonly slow?: boolean;
}

/** What a float32 reference implementation says about the fixture model. */
export interface Golden {
  readonly prompt: readonly TokenId[];
  /** Logits of every row of `prompt`. [prompt.length, vocabSize] */
  readonly logits?: Float32Array;
  /** Pre-norm hidden states of every row of `prompt`. [prompt.length, hiddenSize] */
  readonly preNorm?: Float32Array;
  /** What greedy decoding says after `prompt`. */
  readonly text?: readonly TokenId[];
  readonly judge?: GoldenJudge;
}

/** A head and what it thinks of the prompt's rows. */
export interface GoldenJudge {
  readonly terms: readonly HeadTerm[];
  /** The terms' dot products. [prompt.length, terms] */
  readonly dots: Float32Array;
}

/** What a clause works with: fresh sessions, random tokens that only its id decides. */
export interface ClauseContext {
  readonly subject: Subject;
  readonly model: Model;
  readonly outputs: ReadonlySet<OutputName>;
  readonly tolerance: Tolerance;
  /** A new session of `model`, disposed when the clause is done. */
  openSession(): Promise<Session>;
  /** The fixture opened again, disposed when the clause is done. */
  openModel(): Promise<Model>;
  /** So many ordinary tokens. */
  tokens(count: number): TokenId[];
  /** How often to do what is done `usual` times on a device that is not slow; `least` is 1 when absent. */
  times(usual: number, least?: number): number;
  /** The cases to try: all, or on a slow device the first `least` of them, which is 1 when absent. */
  cases<Case>(all: readonly Case[], least?: number): readonly Case[];
  /** A number in [0, 1). */
  uniform(): number;
  /** Lists a difference that the near-tie rule excuses. */
  excuse(flip: ExcusedFlip): void;
}

/** Two passes disagreed about the most likely token, at a near tie. */
export interface ExcusedFlip {
  readonly where: string;
  /** Between the plain pass's favourite and the other pass's, in the plain pass's logits. */
  readonly gap: number;
  /** `gap` in standard deviations of that row's logits. */
  readonly share: number;
}
