import type { Worker } from 'node:worker_threads';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import {
  type Answer,
  type Answers,
  type Call,
  type Line,
  Questions,
} from '@judge-decoding/ort-session/served';
import { restAtExit, restFlag, untilRest } from './rest.ts';
import { besides, startWorker } from './start-worker.ts';

/** Questions to one worker, which keeps the process alive only while one is open. */
export class WorkerLine implements Line {
  readonly #worker: Worker;
  readonly #questions: Questions;
  readonly #exited: Promise<void>;
  readonly #rest = restFlag();
  readonly #left: () => void;

  /** `file` is the worker's module. */
  constructor(
    onProgress?: (progress: GraphProgress) => void,
    file: URL = besides('worker', import.meta.url),
  ) {
    this.#worker = startWorker(file, { rest: this.#rest });
    this.#questions = new Questions({
      send: (question) => this.#worker.postMessage(question),
      onProgress: onProgress as (progress: unknown) => void,
      onBusy: (busy) => (busy ? this.#worker.ref() : this.#worker.unref()),
    });
    this.#left = restAtExit(this.#rest);
    this.#worker.unref();
    this.#worker.on('message', (answer: Answer) => this.#questions.receive(answer));
    this.#worker.on('error', (cause) => this.#questions.end(cause));
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', (exitCode) => {
        this.#left();
        this.#questions.end(new Error(`it exited with code ${exitCode}`));
        resolve();
      });
    });
  }

  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]> {
    return this.#questions.ask<Kind>(call);
  }

  get ended(): boolean {
    return this.#questions.ended;
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
    this.#questions.end(new Error('it was told to'));
    await untilRest(this.#rest);
    this.#left();
    await this.#worker.terminate();
  }
}
