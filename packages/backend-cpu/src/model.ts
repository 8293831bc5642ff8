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
import type { Line, OpenedModel } from './protocol.ts';
import { SentTerms } from './sent-terms.ts';
import { CpuSession, type SessionTools } from './session.ts';

/** The main thread's end of a model in a worker: one message for each call, none for a truncation. */
export class CpuModel implements Model {
  readonly info: ModelInfo;
  /** How its weights were carried over, and what rounding them cost. */
  readonly weights: WeightsReport;
  readonly #tools: SessionTools;
  readonly #sessions = new Set<CpuSession>();
  #nextSession = 0;
  #disposing: Promise<void> | undefined;

  constructor({ info, weights }: OpenedModel, line: Line) {
    this.info = info;
    this.weights = weights;
    this.#tools = {
      info,
      line,
      terms: new SentTerms(),
      onDispose: (session) => this.#sessions.delete(session),
    };
  }

  async openSession(): Promise<Session> {
    this.#live();
    const id = this.#nextSession++;
    await this.#tools.line.ask({ kind: 'open-session', session: id });
    this.#live();
    const session = new CpuSession(this.#tools, id);
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
      const { line, terms } = this.#tools;
      const outputs = await line.ask({
        kind: 'forward',
        passes: passes.map(({ tokens }, index) => taken[index]!.pass(tokens)),
        request: terms.request(request),
      });
      for (const [index, session] of taken.entries()) session.grow(passes[index]!.tokens.length);
      return outputs as readonly Outputs<Request>[];
    } finally {
      for (const session of taken) session.release();
    }
  }

  dispose(): Promise<void> {
    this.#disposing ??= this.#end();
    return this.#disposing;
  }

  async #end(): Promise<void> {
    for (const session of this.#sessions) session.end();
    this.#sessions.clear();
    await this.#tools.line.close();
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
