import { JudgeDecodingError } from '@judge-decoding/core';
import type { Answer, Answers, Call, Question } from './protocol.ts';
import { receivedError } from './sent-error.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: JudgeDecodingError): void;
}

export interface QuestionsOptions {
  readonly send: (question: Question) => void;
  readonly onProgress?: ((progress: unknown) => void) | undefined;
  /** Told when the first question is asked and when the last is answered. */
  readonly onBusy?: (busy: boolean) => void;
}

/** Questions to one worker, each with its answer; when it ends, open questions are refused instead of waiting for ever. */
export class Questions {
  readonly #options: QuestionsOptions;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 0;
  #ended: JudgeDecodingError | undefined;

  constructor(options: QuestionsOptions) {
    this.#options = options;
  }

  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      if (this.#waiting.size === 0) this.#options.onBusy?.(true);
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#options.send({ ...call, id });
    });
  }

  /** Whether the worker is gone, and its memory with it. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  receive(answer: Answer): void {
    if (answer.kind === 'progress') {
      this.#options.onProgress?.(answer.progress);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#options.onBusy?.(false);
    if (answer.kind === 'value') waiting.resolve(answer.value);
    else waiting.reject(receivedError(answer.error));
  }

  /** Refuses what is asked from now on, and what was. */
  end(cause: unknown): void {
    this.#ended ??= new JudgeDecodingError(
      'device',
      `The worker that runs the model has ended: ${cause instanceof Error ? cause.message : cause}. Open the model again.`,
      { cause },
    );
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
