import type { Worker } from 'node:worker_threads';
import { JudgeDecodingError } from '@judge-decoding/core';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import type { Answer, Answers, Call, Line } from './protocol.ts';
import { restAtExit, restFlag, untilRest } from './rest.ts';
import { receivedError } from './sent-error.ts';
import { startWorker } from './start-worker.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: JudgeDecodingError): void;
}

/**
 * Questions to one worker, each with its answer. The worker keeps the process alive only while
 * a question is open; when it ends, open questions are refused instead of waiting for ever.
 */
export class WorkerLine implements Line {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #onProgress: ((progress: GraphProgress) => void) | undefined;
  readonly #exited: Promise<void>;
  readonly #rest = restFlag();
  readonly #left: () => void;
  #nextId = 0;
  #ended: JudgeDecodingError | undefined;

  constructor(onProgress?: (progress: GraphProgress) => void) {
    this.#onProgress = onProgress;
    this.#worker = startWorker('worker', { rest: this.#rest });
    this.#left = restAtExit(this.#rest);
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#receive(answer));
    this.#worker.on('error', (cause) => this.#end(cause));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (exitCode) => {
        this.#left();
        this.#end(new Error(`it exited with code ${exitCode}`));
        resolve();
      });
    });
  }

  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      if (this.#waiting.size === 0) this.#worker.ref();
      this.#waiting.set(id, { resolve: resolve as Waiting['resolve'], reject });
      this.#worker.postMessage({ ...call, id });
    });
  }

  /** Whether the worker is gone, and its memory with it. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  /** Ends the worker, after what it is at, and waits until it is gone. */
  async close(): Promise<void> {
    if (!this.ended) await this.ask({ kind: 'dispose' });
    this.#worker.ref();
    await this.#exited;
  }

  /** Refuses what is asked at once, and ends the worker as soon as that is safe; waits until it is gone. */
  async kill(): Promise<void> {
    // else a process with nothing else to do would end here, and nobody would hear of what went wrong
    this.#worker.ref();
    await this.abandon();
  }

  /** The same, but keeps no process alive meanwhile: native code may be at it for seconds. */
  async abandon(): Promise<void> {
    this.#end(new Error('it was told to'));
    await untilRest(this.#rest);
    this.#left();
    await this.#worker.terminate();
  }

  #receive(answer: Answer): void {
    if (answer.kind === 'progress') {
      this.#onProgress?.(answer.progress);
      return;
    }
    const waiting = this.#waiting.get(answer.id);
    if (waiting === undefined) return;
    this.#waiting.delete(answer.id);
    if (this.#waiting.size === 0) this.#worker.unref();
    if (answer.kind === 'value') waiting.resolve(answer.value);
    else waiting.reject(receivedError(answer.error));
  }

  #end(cause: unknown): void {
    this.#ended ??= new JudgeDecodingError(
      'device',
      `The worker that runs the model has ended: ${cause instanceof Error ? cause.message : cause}. Open the model again.`,
      { cause },
    );
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
