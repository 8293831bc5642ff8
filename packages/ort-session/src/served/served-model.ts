import type { Model, Session } from '@judge-decoding/core';
import type { Answered, ModelCall, SentPass } from './protocol.ts';
import { type PlainStep, plainStep, ReadAhead, type StepAnswer } from './read-ahead.ts';
import { ReceivedTerms } from './received-terms.ts';

/** A model as the worker serves it: its sessions by number, one question answered after another. */
export class ServedModel {
  readonly #model: Model;
  readonly #sessions = new Map<number, Session>();
  readonly #terms = new ReceivedTerms();
  readonly #ahead: ReadAhead;
  readonly #now: () => number;
  #due: PlainStep | undefined;

  constructor(model: Model, now: () => number) {
    this.#model = model;
    this.#ahead = new ReadAhead(model.info);
    this.#now = now;
  }

  async answer(call: ModelCall): Promise<unknown> {
    const step = plainStep(call);
    this.#due = undefined;
    const known = this.#ahead.asked(step);
    switch (call.kind) {
      case 'open-session':
        this.#sessions.set(call.session, await this.#model.openSession());
        return undefined;
      case 'forward': {
        if (step !== undefined) {
          const answer = known ?? (await this.#run(step));
          this.#due = this.#ahead.answered(step, answer);
          return [this.#answered(step.session, answer.outputs)];
        }
        const request = this.#terms.request(call.request);
        if (call.passes.length === 1) {
          const pass = call.passes[0]!;
          return [this.#answered(pass.session, await this.#ready(pass).forward(pass.tokens, request))];
        }
        const outputs = await this.#model.forward(
          call.passes.map((pass) => ({ session: this.#ready(pass), tokens: pass.tokens })),
          request,
        );
        return outputs.map((each, index) => this.#answered(call.passes[index]!.session, each));
      }
      case 'propose': {
        const { session, tokens } = call.pass;
        return this.#answered(session, await this.#ready(call.pass).propose(tokens, call.request));
      }
      case 'dispose-session':
        await this.#sessions.get(call.session)?.dispose();
        this.#sessions.delete(call.session);
        return undefined;
      case 'dispose':
        await this.#model.dispose();
        return undefined;
    }
  }

  /**
   * Runs the step that will probably be asked for next; for after an answer has been sent. A wrong
   * guess leaves a row behind the session's end, and the next question cuts it off. It never fails:
   * a step that did is run again when it is asked for.
   */
  async readAhead(): Promise<void> {
    const step = this.#due;
    if (step === undefined) return;
    this.#due = undefined;
    try {
      this.#ahead.read(await this.#run(step));
    } catch {
      // the session is as before
    }
  }

  #answered<Value>(session: number, value: Value): Answered<Value> {
    const readBacks = this.#sessions.get(session)!.readBacks;
    return readBacks === undefined ? { value } : { value, readBacks };
  }

  async #run(step: PlainStep): Promise<StepAnswer> {
    const { token, request } = step;
    const start = this.#now();
    const outputs = await this.#ready(step).forward([token], this.#terms.request(request));
    return { outputs, took: this.#now() - start };
  }

  /** The session, cut to where the main thread believes it ends. */
  #ready({ session: id, length, end }: Pick<SentPass, 'session' | 'length' | 'end'>): Session {
    const session = this.#sessions.get(id)!;
    if (end !== undefined) session.expectEnd?.(end);
    if (session.length !== length) session.truncate(length);
    return session;
  }
}
