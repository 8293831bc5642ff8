import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { toyBackend } from '@judge-decoding/backend-contract';
import type { JudgeDecodingError } from '@judge-decoding/core';
import { type CpuModel, cpuModel } from '../src/model.ts';
import type { Answer, Answers, Call, Line } from '../src/protocol.ts';
import { restFlag } from '../src/rest.ts';
import { receivedError } from '../src/sent-error.ts';
import { type OpenModel, serve } from '../src/serve.ts';

/** A line to a toy model that is served in this thread, through real ports. */
class ToyLine implements Line {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #nextId = 0;
  ended = false;

  constructor() {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    port1.on('message', (answer: Exclude<Answer, { kind: 'progress' }>) =>
      this.#waiting.get(answer.id)!(answer),
    );
    const open: OpenModel = async ({ location }) => ({
      model: await toyBackend().open(location),
      weights: { dtype: 'fp32', carried: [], bytesPerToken: 0 },
    });
    // on this clock every step is short
    serve(port2, { open, now: () => 0, rest: restFlag() });
  }

  ask<Kind extends Call['kind']>(call: Call & { readonly kind: Kind }): Promise<Answers[Kind]> {
    return new Promise((resolve, reject: (error: JudgeDecodingError) => void) => {
      const id = this.#nextId++;
      this.#waiting.set(id, (answer) => {
        this.#waiting.delete(id);
        if (answer.kind === 'value') resolve(answer.value as Answers[Kind]);
        else if (answer.kind === 'error') reject(receivedError(answer.error));
      });
      this.#port.postMessage({ ...call, id });
    });
  }

  async close(): Promise<void> {
    await this.ask({ kind: 'dispose' });
    this.ended = true;
  }
}

/** A toy model behind everything that stands between a caller and a model in a worker, but the thread. */
export async function servedToy(location: string): Promise<CpuModel> {
  const line = new ToyLine();
  return cpuModel(await line.ask({ kind: 'open', options: { location } }), line);
}
