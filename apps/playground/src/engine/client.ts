import { type ErrorCode, JudgeDecodingError } from '@judge-decoding/core';
import type { CallName, Calls, FromWorker, ToWorker } from './protocol.ts';

interface Waiting {
  readonly onEvent: ((event: never) => void) | undefined;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** The page's end of the worker that decodes. */
export class EngineClient {
  readonly #start: () => Worker;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #next = 1;

  constructor(start: () => Worker) {
    this.#start = start;
  }

  /** Asks, and waits for the answer. An aborted run is answered with what it had; an aborted opening is refused. */
  ask<Name extends CallName>(
    call: Name,
    ask: Calls[Name]['ask'],
    {
      onEvent,
      signal,
    }: { readonly onEvent?: (event: Calls[Name]['events']) => void; readonly signal?: AbortSignal } = {},
  ): Promise<Calls[Name]['answer']> {
    const id = this.#next++;
    const worker = this.#running();
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, {
        onEvent: onEvent as Waiting['onEvent'],
        resolve: resolve as Waiting['resolve'],
        reject,
      });
      const cancel = () => worker.postMessage({ id, call: 'cancel' } satisfies ToWorker);
      signal?.addEventListener('abort', cancel, { once: true });
      worker.postMessage({ id, call, ask } as ToWorker);
      if (signal?.aborted) cancel();
    });
  }

  #running(): Worker {
    if (this.#worker !== undefined) return this.#worker;
    const worker = this.#start();
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#end(
        `The part of the page that decodes has stopped: ${event.message || 'it could not be loaded'}.`,
      );
    };
    this.#worker = worker;
    return worker;
  }

  #receive(message: FromWorker): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if (message.kind === 'event') {
      waiting.onEvent?.(message.event as never);
      return;
    }
    this.#waiting.delete(message.id);
    if (message.kind === 'answer') waiting.resolve(message.answer as never);
    else waiting.reject(new JudgeDecodingError(message.code as ErrorCode, message.message));
  }

  /** Whoever waits is told; the next question starts a new worker. */
  #end(why: string): void {
    this.#worker?.terminate();
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(new JudgeDecodingError('device', why));
    this.#waiting.clear();
  }
}
