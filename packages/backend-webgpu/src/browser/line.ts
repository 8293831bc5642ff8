import {
  type Answer,
  type Answers,
  type Call,
  type Line,
  Questions,
} from '@judge-decoding/ort-session/served';
import type { OpenProgress } from './protocol.ts';

/** Questions to one worker of a page. */
export class BrowserLine implements Line {
  readonly #worker: Worker;
  readonly #questions: Questions;

  constructor(worker: Worker, onProgress?: (progress: OpenProgress) => void) {
    this.#worker = worker;
    this.#questions = new Questions({
      send: (question) => worker.postMessage(question),
      onProgress: onProgress as (progress: unknown) => void,
    });
    worker.onmessage = ({ data }: MessageEvent<Answer>) => this.#questions.receive(data);
    worker.onmessageerror = () => this.kill('it sent what cannot be read');
    worker.onerror = (event) => {
      event.preventDefault();
      this.kill(event.message || 'its script could not be loaded');
    };
  }

  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]> {
    return this.#questions.ask<Kind>(call);
  }

  get ended(): boolean {
    return this.#questions.ended;
  }

  /** Ends the worker, after what it is at. */
  async close(): Promise<void> {
    if (!this.ended) await this.ask({ kind: 'dispose' });
    this.kill('its model was disposed of');
  }

  /** Ends the worker at once: in a page nothing is lost with it but its memory. */
  kill(why: string): void {
    this.#questions.end(new Error(why));
    this.#worker.terminate();
  }
}
