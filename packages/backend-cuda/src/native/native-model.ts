import { JudgeDecodingError } from '@judge-decoding/core';
import type {
  CallTime,
  EngineDraft,
  EngineDraftOptions,
  EngineModel,
  EngineOutputs,
  EnginePass,
  EngineRequest,
  EngineSession,
  EngineShape,
  GivenTensor,
} from '../engine.ts';
import { CallMemory } from './call-memory.ts';
import type { Calls } from './calls.ts';
import { ROLES, SOURCES } from './names.ts';
import { OutputStructs } from './output-structs.ts';
import { draftStructs, roundStructs } from './round-structs.ts';
import { type Started, StartedCalls } from './started-calls.ts';
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
  readonly #memory: CallMemory;
  readonly #outputs: OutputStructs;
  #fed = new Structs('jc_pass', 1);
  #destroying: Promise<void> | undefined;
  timed = false;

  constructor(calls: Calls, model: bigint, shape: EngineShape) {
    this.#calls = calls;
    this.#model = model;
    this.#shape = shape;
    this.#started = new StartedCalls(calls, model, this.#abort);
    this.#memory = new CallMemory(calls);
    this.#outputs = new OutputStructs(calls, this.#memory, shape);
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
      const id = await this.#placeTerm(weights);
      // A copy from the host's ordinary memory may still be under way when its call has ended, and passes do not wait for it:
      // the first round's scores were another head's. The next such copy begins once this one is there.
      try {
        await this.#removeTerm(await this.#placeTerm(weights));
      } catch (error) {
        await this.#removeTerm(id).catch(() => undefined);
        throw error;
      }
      return id;
    });
  }

  #removeTerm(id: number): Promise<void> {
    return this.#calls.checked('jc_term_destroy', this.#model, id);
  }

  async #placeTerm(weights: Float32Array): Promise<number> {
    const id = new Int32Array(1);
    await this.#calls.checked('jc_term_create', this.#model, weights, id);
    return id[0]!;
  }

  async destroyTerm(id: number): Promise<void> {
    // with the model its terms are gone
    if (this.#destroying !== undefined) return;
    await this.#live(() => this.#removeTerm(id));
  }

  createSession(capacity: number): Promise<EngineSession> {
    return this.#live(async () => {
      const pointer = new BigUint64Array(1);
      await this.#calls.checked('jc_session_create', this.#model, capacity, pointer);
      return new NativeSession(this.#calls, capacity, pointer[0]!, () =>
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
      let rows = 0;
      for (const { tokens } of passes) rows += tokens.length;
      const prepared = this.#prepare(rows, request);
      await this.#run('JC_CALL_FORWARD', passes, { outputs: this.#outputs.address });
      // the library had addresses of these: they must live until here
      keepAlive(passes, request);
      return prepared();
    });
  }

  propose(pass: EnginePass, options: EngineDraftOptions): Promise<EngineDraft> {
    return this.#live(async () => {
      this.#memory.begin();
      const { propose, draft, used } = draftStructs(this.#calls, this.#memory, options, this.#shape);
      await this.#run('JC_CALL_PROPOSE', [pass], { propose: this.#calls.address(propose.bytes) });
      keepAlive(pass, used);
      return draft();
    });
  }

  verify(...[pass, request, round]: Parameters<EngineModel['verify']>): ReturnType<EngineModel['verify']> {
    return this.#live(async () => {
      const prepared = this.#prepare(pass.tokens.length, request);
      const kept = round.draft instanceof Float64Array ? 0 : addressOf(round.draft);
      const decided = roundStructs(this.#calls, pass.tokens.length, round, kept);
      const verify = this.#calls.address(decided.verify.bytes);
      await this.#run('JC_CALL_VERIFY', [pass], { outputs: this.#outputs.address, verify });
      keepAlive(pass, request, round, decided.used);
      return { ...decided.verified(), outputs: prepared() };
    });
  }

  keptProbs(session: EngineSession, rows: number): Promise<Float64Array> {
    return this.#live(async () => {
      const probs = new Float64Array(rows * this.#shape.tokens);
      await this.#calls.checked(
        'jc_draft_probs',
        this.#model,
        (session as NativeSession).pointer,
        rows,
        probs,
      );
      return probs;
    });
  }

  canRead(session: EngineSession): boolean {
    return session instanceof NativeSession && session.calls === this.#calls;
  }

  destroy(): Promise<void> {
    if (this.#destroying === undefined) {
      this.#abort[0] = 1;
      this.#destroying = this.#turns.run(() => this.#calls.plain<void>('jc_model_destroy', this.#model));
    }
    return this.#destroying;
  }

  /** A call that returns outputs begins; what it returns reads them, after it. */
  #prepare(rows: number, request: EngineRequest): () => EngineOutputs {
    this.#memory.begin();
    return this.#outputs.prepare(rows, request);
  }

  #run(
    kind: Started['kind'],
    passes: readonly EnginePass[],
    what: Pick<Started, 'outputs' | 'propose' | 'verify'>,
  ): Promise<void> {
    if (passes.length > this.#fed.count) this.#fed = new Structs('jc_pass', passes.length);
    const fed = this.#fed;
    for (let index = 0; index < passes.length; index++) {
      const { session, tokens, start } = passes[index]!;
      fed
        .put('session', addressOf(session), index)
        .put('tokens', this.#memory.given(tokens), index)
        .put('start', start, index)
        .put('count', tokens.length, index);
    }
    const call = { kind, passes: this.#calls.address(fed.bytes), count: passes.length, ...what };
    return this.#started.run(call, this.timed);
  }

  #live<Result>(work: () => Promise<Result>): Promise<Result> {
    return this.#turns.run(() => {
      if (this.#destroying === undefined) return work();
      const message = 'Expected a live model, got a disposed one. Open it again.';
      return Promise.reject(new JudgeDecodingError('disposed', message));
    });
  }
}

const addressOf = (session: EngineSession | undefined): number =>
  session === undefined ? 0 : (session as NativeSession).address;

class NativeSession implements EngineSession {
  readonly calls: Calls;
  readonly capacity: number;
  readonly pointer: bigint;
  /** The pointer as structs take it. */
  readonly address: number;
  readonly #free: () => Promise<void>;
  #freed: Promise<void> | undefined;

  constructor(calls: Calls, capacity: number, pointer: bigint, free: () => Promise<void>) {
    this.calls = calls;
    this.capacity = capacity;
    this.pointer = pointer;
    this.address = Number(pointer);
    this.#free = free;
  }

  destroy(): Promise<void> {
    this.#freed ??= this.#free();
    return this.#freed;
  }
}

/** Says to the reader, and to the collector, that these were in use. */
function keepAlive(..._used: readonly unknown[]): void {}
