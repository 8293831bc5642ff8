import {
  JudgeDecodingError,
  type Model,
  type ModelInfo,
  type OutputRequest,
  type Outputs,
  type Pass,
  type Session,
} from '@judge-decoding/core';
import type { WeightsReport } from '@judge-decoding/onnx';
import type { OpenedModel } from './protocol.ts';
import { SentTerms } from './sent-terms.ts';
import { CpuSession } from './session.ts';
import type { WorkerLine } from './worker-line.ts';

/** The main thread's end of a model in a worker: one message for each call, none for a truncation. */
export class CpuModel implements Model {
  readonly info: ModelInfo;
  /** How its weights were carried over, and what rounding them cost. */
  readonly weights: WeightsReport;
  readonly line: WorkerLine;
  readonly #terms = new SentTerms();
  readonly #sessions = new Set<CpuSession>();
  #nextSession = 0;
  #disposing: Promise<void> | undefined;

  constructor({ info, weights }: OpenedModel, line: WorkerLine) {
    this.info = info;
    this.weights = weights;
    this.line = line;
  }

  async openSession(): Promise<Session> {
    this.#live();
    const id = this.#nextSession++;
    await this.line.ask({ kind: 'open-session', session: id });
    const session = new CpuSession(this, id);
    this.#sessions.add(session);
    return session;
  }

  async forward<const Request extends OutputRequest>(
    passes: readonly Pass[],
    request: Request,
  ): Promise<readonly Outputs<Request>[]> {
    this.#live();
    const taken: CpuSession[] = [];
    try {
      // everything is checked, and every session taken, before the first one moves
      for (const { session, tokens } of passes) {
        if (!(session instanceof CpuSession)) throw this.#stranger();
        session.take();
        taken.push(session);
        if (!this.#sessions.has(session)) throw this.#stranger();
        session.check(tokens, request);
      }
      const outputs = await this.line.ask({
        kind: 'forward',
        passes: passes.map(({ tokens }, index) => taken[index]!.pass(tokens)),
        request: this.#terms.request(request),
      });
      for (const [index, session] of taken.entries()) session.grow(passes[index]!.tokens.length);
      return outputs as readonly Outputs<Request>[];
    } finally {
      for (const session of taken) session.release();
    }
  }

  /** Frees a session's cache in the worker. */
  async forget(session: CpuSession, id: number): Promise<void> {
    this.#sessions.delete(session);
    if (this.#disposing === undefined && !this.line.ended)
      await this.line.ask({ kind: 'dispose-session', session: id });
  }

  dispose(): Promise<void> {
    this.#disposing ??= this.#end();
    return this.#disposing;
  }

  async #end(): Promise<void> {
    for (const session of this.#sessions) session.end();
    this.#sessions.clear();
    await this.line.close();
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
