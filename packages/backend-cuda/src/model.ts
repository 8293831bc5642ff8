import {
  JudgeDecodingError,
  type Model,
  type ModelInfo,
  type OutputRequest,
  type Outputs,
  type Pass,
  type Session,
} from '@judge-decoding/core';
import type { EngineModel, EngineOutputs, EnginePass } from './engine.ts';
import { engineRequest, outputsOfPass } from './outputs.ts';
import { CudaSession } from './session.ts';
import { DeviceTerms } from './terms.ts';
import type { WeightsReport } from './weights/report.ts';

/** What a model takes on its device. Bytes. */
export interface CudaMemory {
  readonly weights: number;
  /** Of each session, whatever it holds. */
  readonly session: number;
}

/** Weights on one GPU, and the sessions over them. */
export class CudaModel implements Model {
  readonly info: ModelInfo;
  /** How its weights were carried over, and what rounding them cost. */
  readonly weights: WeightsReport;
  readonly memory: CudaMemory;
  /** For its own sessions. */
  readonly engine: EngineModel;
  readonly #sessions = new Set<CudaSession>();
  readonly #terms: DeviceTerms;
  #disposing: Promise<void> | undefined;

  constructor(engine: EngineModel, info: ModelInfo, weights: WeightsReport, memory: CudaMemory) {
    this.engine = engine;
    this.info = info;
    this.weights = weights;
    this.memory = memory;
    this.#terms = new DeviceTerms(engine);
  }

  async openSession(): Promise<Session> {
    this.#live();
    const cache = await this.engine.createSession(this.info.contextLength);
    this.#live();
    const session = new CudaSession(this, cache);
    this.#sessions.add(session);
    return session;
  }

  async forward<const Request extends OutputRequest>(
    passes: readonly Pass[],
    request: Request,
  ): Promise<readonly Outputs<Request>[]> {
    const taken: CudaSession[] = [];
    try {
      // everything is checked, and every session taken, before the first one moves
      for (const { session, tokens } of passes) {
        if (!(session instanceof CudaSession)) throw this.#stranger();
        session.take();
        taken.push(session);
        this.#live();
        if (!this.#sessions.has(session)) throw this.#stranger();
        session.check(tokens, request);
      }
      this.#live();
      if (passes.length === 0) return [];
      const fed = passes.map(({ tokens }, index) => taken[index]!.pass(tokens));
      const all = await this.pass(fed, request);
      const total = fed.reduce((sum, { tokens }) => sum + tokens.length, 0);
      let first = 0;
      return fed.map(({ tokens }, index) => {
        taken[index]!.grow(tokens.length);
        const outputs = outputsOfPass(all, { total, first, rows: tokens.length }, request);
        first += tokens.length;
        return outputs as Outputs<Request>;
      });
    } finally {
      for (const session of taken) session.release();
    }
  }

  /** One call to the device, of passes that have been checked. */
  async pass(passes: readonly EnginePass[], request: OutputRequest): Promise<EngineOutputs> {
    const ids = await Promise.all((request.judge ?? []).map((term) => this.#terms.idOf(term)));
    return this.engine.forward(passes, engineRequest(request, ids));
  }

  forget(session: CudaSession): void {
    this.#sessions.delete(session);
  }

  dispose(): Promise<void> {
    this.#disposing ??= this.#end();
    return this.#disposing;
  }

  async #end(): Promise<void> {
    for (const session of this.#sessions) session.end();
    this.#sessions.clear();
    await this.engine.destroy();
  }

  #live(): void {
    if (this.#disposing === undefined) return;
    throw new JudgeDecodingError(
      'disposed',
      `Expected a live model, got ${this.info.name} after its disposal. Open it again.`,
    );
  }

  #stranger(): JudgeDecodingError {
    return new JudgeDecodingError(
      'invalid-input',
      `Expected sessions of ${this.info.name} only, got another model's. Run each model's sessions through that model.`,
    );
  }
}
