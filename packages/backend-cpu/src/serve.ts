import type { MessagePort } from 'node:worker_threads';
import type { Model } from '@judge-decoding/core';
import type { WeightsReport } from '@judge-decoding/onnx';
import type { GraphProgress } from '@judge-decoding/onnx/cache';
import type { Answer, OpenedModel, Question, WorkerOptions } from './protocol.ts';
import { unlessGone } from './rest.ts';
import { sentError } from './sent-error.ts';
import { ServedModel } from './served-model.ts';
import { transferable } from './transferable.ts';

export type OpenModel = (
  options: WorkerOptions,
  onProgress: (progress: GraphProgress) => void,
) => Promise<{ readonly model: Model; readonly weights: WeightsReport }>;

export interface ServeOptions {
  readonly open: OpenModel;
  /** Milliseconds. */
  readonly now: () => number;
  /** Where the main thread sees whether this one is at work. */
  readonly rest: Int32Array;
}

/** Answers what comes through `port` about one model, in the order in which it comes. */
export function serve(port: MessagePort, { open, now, rest }: ServeOptions): void {
  let served: ServedModel | undefined;
  let last: Promise<void> = Promise.resolve();

  port.on('message', (question: Question) => {
    // a disposal waits for the run before it, and what is read ahead for the answer before it
    last = last.then(() =>
      unlessGone(rest, async () => {
        await reply(question);
        await served?.readAhead();
      }),
    );
  });

  async function reply(question: Question): Promise<void> {
    const { id } = question;
    let response: Answer;
    try {
      response = { kind: 'value', id, value: await answer(question) };
    } catch (error) {
      response = { kind: 'error', id, error: sentError(error) };
    }
    port.postMessage(response, response.kind === 'value' ? transferable(response.value) : []);
    if (question.kind === 'dispose') port.close();
  }

  async function answer(question: Question): Promise<unknown> {
    if (question.kind !== 'open') return served?.answer(question);
    const { model, weights } = await open(question.options, (progress) =>
      port.postMessage({ kind: 'progress', progress } satisfies Answer),
    );
    served = new ServedModel(model, now);
    return { info: model.info, weights } satisfies OpenedModel;
  }
}
