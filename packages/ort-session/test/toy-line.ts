import { MessageChannel } from 'node:worker_threads';
import { toyBackend } from '@judge-decoding/backend-contract';
import type { Model } from '@judge-decoding/core';
import {
  type Answers,
  type Call,
  type Line,
  type Question,
  Questions,
  remoteModel,
  serve,
} from '../src/served/index.ts';

interface Options {
  readonly location: string;
}

/** A line to a toy model that is served in this thread, through real ports. */
class ToyLine implements Line {
  readonly #questions: Questions;
  ended = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#questions = new Questions({ send: (question) => port1.postMessage(question) });
    port1.on('message', (answer) => this.#questions.receive(answer));
    serve(
      {
        listen: (listener) => port2.on('message', (question: Question<Options>) => listener(question)),
        send: (answer, transfer) => port2.postMessage(answer, transfer),
        close: () => port2.close(),
      },
      {
        open: async ({ location }: Options) => ({ model: await toyBackend().open(location), details: {} }),
        // on this clock every step is short
        now: () => 0,
      },
    );
  }

  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]> {
    return this.#questions.ask<Kind>(call);
  }

  async close(): Promise<void> {
    await this.ask({ kind: 'dispose' });
    this.ended = true;
  }
}

/** A toy model behind everything that stands between a caller and a model in a worker, but the thread. */
export async function servedToy(location: string): Promise<Model> {
  const line = new ToyLine();
  return remoteModel(await line.ask({ kind: 'open', options: { location } }), line);
}
