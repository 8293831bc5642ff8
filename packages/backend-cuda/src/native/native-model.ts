import { JudgeDecodingError } from '@judge-decoding/core';
import type {
  CallTime,
  EngineDraft,
  EngineModel,
  EngineOutputs,
  EnginePass,
  EngineRequest,
  EngineSession,
  EngineShape,
  GivenTensor,
} from '../engine.ts';
import type { Calls } from './calls.ts';
import { ROLES, SOURCES, STATES } from './names.ts';
import { outputArrays } from './output-arrays.ts';
import { StartedCalls } from './started-calls.ts';
import { Structs } from './structs.ts';
import { Turns } from './turns.ts';

/** A model in the library: one call at a time, on a thread that is not the event loop's. */
export class NativeModel implements EngineModel {
  readonly #calls: Calls;
  readonly #model: bigint;
  readonly #shape: EngineShape;
  readonly #turns = new Turns();
  readonly #started: StartedCalls;
  /** The library reads it between the parts of a pass; once 1 it stays so. */
  readonly #abort = new Int32Array(1);
  #destroying: Promise<void> | undefined;
  timed = false;

  constructor(calls: Calls, model: bigint, shape: EngineShape) {
    this.#calls = calls;
    this.#model = model;
    this.#shape = shape;
    this.#started = new StartedCalls(calls, model);
  }

  get lastCall(): CallTime {
    return this.#started.time;
  }

  put({ role, layer, source, data, rows, cols }: GivenTensor): Promise<void> {
    return this.#live(() =>
      this.#calls.checked('jc_model_put', this.#model, ROLES[role], layer, SOURCES[source], data, rows, cols),
    );
  }

  synthesize(seed: number): Promise<void> {
    return this.#live(() => this.#calls.checked('jc_model_synthesize', this.#model, BigInt(seed)));
  }

  finish(): Promise<void> {
    return this.#live(() => this.#calls.checked('jc_model_finish', this.#model));
  }

  createTerm(weights: Float32Array): Promise<number> {
    return this.#live(async () => {
      const id = new Int32Array(1);
      await this.#calls.checked('jc_term_create', this.#model, weights, id);
      return id[0]!;
    });
  }

  async destroyTerm(id: number): Promise<void> {
    // with the model its terms are gone
    if (this.#destroying !== undefined) return;
    await this.#live(() => this.#calls.checked('jc_term_destroy', this.#model, id));
  }

  createSession(capacity: number): Promise<EngineSession> {
    return this.#live(async () => {
      const pointer = new BigUint64Array(1);
      await this.#calls.checked('jc_session_create', this.#model, capacity, pointer);
      return new NativeSession(capacity, pointer[0]!, () =>
        this.#destroying === undefined
          ? this.#turns.run(() => this.#calls.plain<void>('jc_session_destroy', pointer[0]!))
          : this.#destroying,
      );
    });
  }

  allReduce(rows: number): Promise<number> {
    return this.#live(async () => {
      const microseconds = new Float64Array(1);
      await this.#calls.checked('jc_measure_all_reduce', this.#model, rows, microseconds);
      return microseconds[0]!;
    });
  }

  residuals(rows: number): Promise<readonly Float32Array[]> {
    return this.#live(async () => {
      const all: Float32Array[] = [];
      for (let rank = 0; rank < (this.#shape.ranks?.length ?? 1); rank++) {
        const residual = new Float32Array(rows * this.#shape.hidden);
        await this.#calls.checked('jc_debug_residual', this.#model, rank, rows, residual);
        all.push(residual);
      }
      return all;
    });
  }

  mute(rank: number): Promise<void> {
    return this.#live(() => this.#calls.checked('jc_debug_mute', this.#model, rank));
  }

  forward(passes: readonly EnginePass[], request: EngineRequest): Promise<EngineOutputs> {
    return this.#live(async () => {
      const rows = passes.reduce((sum, { tokens }) => sum + tokens.length, 0);
      const arrays = outputArrays(rows, request, this.#shape);
      const terms = new Structs('jc_term', request.terms.length);
      for (const [index, { state, id }] of request.terms.entries()) {
        terms.set({ state: STATES[state], id }, index);
      }
      const outputs = new Structs('jc_outputs').set({
        argmax: this.#calls.address(arrays.argmax),
        chosen: this.#calls.address(arrays.chosen),
        top_ids: this.#calls.address(arrays.topIds),
        top_log_probs: this.#calls.address(arrays.topLogProbs),
        log_sum_exp: this.#calls.address(arrays.logSumExp),
        entropy: this.#calls.address(arrays.entropy),
        judge: this.#calls.address(arrays.judge),
        pre_norm: this.#calls.address(arrays.preNorm),
        post_norm: this.#calls.address(arrays.postNorm),
        logits: this.#calls.address(arrays.logits),
        terms: request.terms.length === 0 ? 0n : this.#calls.address(terms.bytes),
        term_count: request.terms.length,
        top: request.top,
      });
      const fed = this.#passes(passes);
      await this.#started.run(
        { kind: 'JC_CALL_FORWARD', passes: fed, count: passes.length, outputs, abort: this.#abort },
        this.timed,
      );
      // the library had addresses of these: they must live until here
      keepAlive(passes, terms);
      return arrays;
    });
  }

  proposeGreedy(
    pass: EnginePass,
    { count, endTokens, logits }: Parameters<EngineModel['proposeGreedy']>[1],
  ): Promise<EngineDraft> {
    return this.#live(async () => {
      const drafted = new Int32Array(count);
      const rows = new Float32Array(logits ? count * this.#shape.tokens : 0);
      const propose = new Structs('jc_propose').set({
        count,
        end_token_count: endTokens.length,
        end_tokens: this.#calls.address(endTokens),
        drafted: this.#calls.address(drafted),
        logits: this.#calls.address(rows),
      });
      const fed = this.#passes([pass]);
      await this.#started.run(
        { kind: 'JC_CALL_PROPOSE', passes: fed, count: 1, propose, abort: this.#abort },
        this.timed,
      );
      keepAlive(pass, endTokens);
      const length = propose.number('drafted_count');
      return {
        tokens: drafted.slice(0, length),
        logits: logits ? rows.slice(0, length * this.#shape.tokens) : undefined,
      };
    });
  }

  destroy(): Promise<void> {
    if (this.#destroying === undefined) {
      this.#abort[0] = 1;
      this.#destroying = this.#turns.run(() => this.#calls.plain<void>('jc_model_destroy', this.#model));
    }
    return this.#destroying;
  }

  #passes(passes: readonly EnginePass[]): Structs {
    const fed = new Structs('jc_pass', passes.length);
    for (const [index, { session, tokens, start }] of passes.entries()) {
      const { pointer } = session as NativeSession;
      fed.set({ session: pointer, tokens: this.#calls.address(tokens), start, count: tokens.length }, index);
    }
    return fed;
  }

  #live<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#turns.run(async () => {
      if (this.#destroying === undefined) return work();
      throw new JudgeDecodingError('disposed', 'Expected a live model, got a disposed one. Open it again.');
    });
  }
}

class NativeSession implements EngineSession {
  readonly capacity: number;
  readonly pointer: bigint;
  readonly #free: () => Promise<void>;
  #freed: Promise<void> | undefined;

  constructor(capacity: number, pointer: bigint, free: () => Promise<void>) {
    this.capacity = capacity;
    this.pointer = pointer;
    this.#free = free;
  }

  destroy(): Promise<void> {
    this.#freed ??= this.#free();
    return this.#freed;
  }
}

/** Says to the reader, and to the collector, that these were in use. */
function keepAlive(..._used: readonly unknown[]): void {}
