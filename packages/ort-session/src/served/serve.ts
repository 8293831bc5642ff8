import type { Model } from '@judge-decoding/core';
import type { Answer, Opened, Question } from './protocol.ts';
import { sentError } from './sent-error.ts';
import { ServedModel } from './served-model.ts';
import { transferable } from './transferable.ts';

/** Where questions come from and answers go: a worker's own end, on any platform. */
export interface ServePort<Options> {
  listen(listener: (question: Question<Options>) => void): void;
  send(answer: Answer, transfer: readonly ArrayBuffer[]): void;
  close(): void;
}

export interface ServeOptions<Options, Details, Progress> {
  readonly open: (
    options: Options,
    onProgress: (progress: Progress) => void,
  ) => Promise<{ readonly model: Model; readonly details: Details }>;
  /** Milliseconds. */
  readonly now: () => number;
  /** Surrounds the work on each question. */
  readonly during?: (work: () => Promise<void>) => Promise<void>;
}

/** Answers what comes through `port` about one model, in the order in which it comes. */
export function serve<Options, Details, Progress>(
  port: ServePort<Options>,
  { open, now, during = (work) => work() }: ServeOptions<Options, Details, Progress>,
): void {
  let served: ServedModel | undefined;
  let last: Promise<void> = Promise.resolve();

  port.listen((question) => {
    // a disposal waits for the run before it, and what is read ahead for the answer before it
    last = last.then(() =>
      during(async () => {
        await reply(question);
        await served?.readAhead();
      }),
    );
  });

  async function reply(question: Question<Options>): Promise<void> {
    const { id } = question;
    let response: Answer;
    try {
      response = { kind: 'value', id, value: await answer(question) };
    } catch (error) {
      response = { kind: 'error', id, error: sentError(error) };
    }
    port.send(response, response.kind === 'value' ? transferable(response.value) : []);
    if (question.kind === 'dispose') port.close();
  }

  async function answer(question: Question<Options>): Promise<unknown> {
    if (question.kind !== 'open') return served?.answer(question);
    const { model, details } = await open(question.options, (progress) =>
      port.send({ kind: 'progress', progress }, []),
    );
    served = new ServedModel(model, now);
    return { info: model.info, details } satisfies Opened<Details>;
  }
}
