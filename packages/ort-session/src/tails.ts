import { JudgeDecodingError } from '@judge-decoding/core';
import { buildTail, type TailRequest } from '@judge-decoding/onnx/interface';
import type { InferenceSession } from 'onnxruntime-common';
import type { OrtRuntime } from './runtime.ts';

/** The tail graphs' sessions, each made when it is first asked for. They hold no weights. */
export class Tails {
  readonly #runtime: OrtRuntime;
  readonly #options: InferenceSession.SessionOptions;
  readonly #sessions = new Map<string, Promise<InferenceSession>>();

  constructor(runtime: OrtRuntime, options: InferenceSession.SessionOptions) {
    this.#runtime = runtime;
    this.#options = options;
  }

  session(request: TailRequest): Promise<InferenceSession> {
    const key = JSON.stringify(request);
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = this.#runtime.InferenceSession.create(buildTail(request).model, this.#options).catch(
        (cause) => {
          throw new JudgeDecodingError(
            'device',
            `Expected ONNX Runtime to open the graph of ${key}, got: ${cause}`,
            {
              cause,
            },
          );
        },
      );
      this.#sessions.set(key, session);
    }
    return session;
  }

  async dispose(): Promise<void> {
    for (const session of this.#sessions.values()) await (await session).release();
    this.#sessions.clear();
  }
}
