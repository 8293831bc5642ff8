import {
  JudgeDecodingError,
  type Model,
  type ModelInfo,
  type OutputRequest,
  type Outputs,
  type Pass,
  type Session,
} from '@judge-decoding/core';
import type { Decoder } from './decoder-run.ts';
import type { OutputTools } from './outputs.ts';
import { OrtSession } from './session.ts';

/** Loaded weights and the sessions over them. */
export class OrtModel implements Model {
  readonly info: ModelInfo;
  readonly #decoder: Decoder;
  readonly #tools: OutputTools;
  readonly #sessions = new Set<OrtSession>();
  #disposed = false;

  constructor(decoder: Decoder, tools: OutputTools, info: ModelInfo) {
    this.#decoder = decoder;
    this.#tools = tools;
    this.info = info;
  }

  async openSession(): Promise<Session> {
    this.#live();
    const session = new OrtSession(this.#decoder, this.#tools, this.info, (gone) =>
      this.#sessions.delete(gone),
    );
    this.#sessions.add(session);
    return session;
  }

  async forward<const Request extends OutputRequest>(
    passes: readonly Pass[],
    request: Request,
  ): Promise<readonly Outputs<Request>[]> {
    this.#live();
    const taken: OrtSession[] = [];
    const lengths: number[] = [];
    try {
      // everything is checked, and every session taken, before the first one moves
      for (const { session, tokens } of passes) {
        if (!(session instanceof OrtSession && this.#sessions.has(session))) {
          throw new JudgeDecodingError(
            'invalid-input',
            `Expected live sessions of ${this.info.name} only, got another model's or a disposed one.`,
          );
        }
        session.take();
        taken.push(session);
        lengths.push(session.length);
        session.check(tokens, request);
      }
      // the operators take several tokens with a past for one text only: one after another
      const outputs: Outputs<Request>[] = [];
      for (const [index, { tokens }] of passes.entries()) {
        outputs.push((await taken[index]!.feed(tokens, request)) as Outputs<Request>);
      }
      for (const session of taken) session.release();
      return outputs;
    } catch (error) {
      for (const [index, session] of taken.entries()) {
        session.release();
        if (session.length > lengths[index]!) session.truncate(lengths[index]!);
      }
      throw error;
    }
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const session of [...this.#sessions]) await session.dispose();
    await this.#tools.tails.dispose();
    await this.#decoder.draftLoop?.dispose();
    await this.#decoder.session.release();
  }

  #live(): void {
    if (this.#disposed) {
      throw new JudgeDecodingError(
        'disposed',
        `Expected a live model, got ${this.info.name} after its disposal. Open it again.`,
      );
    }
  }
}
