import { headFor, JudgeDecodingError, type Model } from '@judge-decoding/core';
import type { Models, OpenModels } from './models.ts';
import { askRules, type OpinionCaches, openCaches } from './opinions.ts';
import type { CallName, Calls, FromWorker, OpenedPair, ShownModel, ToWorker } from './protocol.ts';
import { openSessions, run, type Sessions } from './run.ts';

/** What is used of a worker's own global object. */
interface WorkerScope {
  onmessage: ((event: { readonly data: ToWorker }) => void) | null;
  postMessage(message: FromWorker): void;
}

interface Open {
  readonly models: Models;
  sessions?: Sessions;
  caches?: OpinionCaches;
}

/** Answers the page: one call after another, each until it is done, cancelled or refused. */
export function serveEngine(openModels: OpenModels, scope = globalThis as unknown as WorkerScope): void {
  const aborts = new Map<number, AbortController>();
  let open: Open | undefined;
  let queue: Promise<unknown> = Promise.resolve();

  scope.onmessage = ({ data }) => {
    if (data.call === 'cancel') {
      aborts.get(data.id)?.abort();
      return;
    }
    const abort = new AbortController();
    aborts.set(data.id, abort);
    queue = queue
      .then(() => answer(data, abort.signal))
      .then(
        (answered) => scope.postMessage({ id: data.id, kind: 'answer', answer: answered }),
        (error: unknown) => scope.postMessage({ id: data.id, kind: 'refused', ...said(error) }),
      )
      .finally(() => aborts.delete(data.id));
  };

  async function answer(
    message: Exclude<ToWorker, { call: 'cancel' }>,
    signal: AbortSignal,
  ): Promise<unknown> {
    const post = <Name extends CallName>(_: Name, event: Calls[Name]['events']) =>
      scope.postMessage({ id: message.id, kind: 'event', event });
    switch (message.call) {
      case 'open': {
        await close();
        const models = await openModels({
          ...message.ask,
          onProgress: (progress) => post('open', progress),
          signal,
        });
        open = { models };
        return shown(message.ask.place.name, models);
      }
      case 'run': {
        const { models } = current();
        open!.sessions ??= await openSessions(models);
        return broken(() =>
          run(models, open!.sessions!, message.ask, {
            post: (event) => post('run', event),
            signal,
            now: () => performance.now(),
            breathe,
          }),
        );
      }
      case 'opinions': {
        const { models } = current();
        open!.caches ??= await openCaches(models);
        return broken(() => askRules(models, open!.caches!, message.ask));
      }
      case 'close':
        await close();
        return null;
    }
  }

  function current(): Open {
    if (open !== undefined) return open;
    throw new JudgeDecodingError('disposed', 'Expected open models, there are none. Open a pair first.');
  }

  /** After a fault of the device nothing of these models can be used: they are given up, and may be opened again. */
  async function broken<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      if (JudgeDecodingError.is(error, 'device')) await close().catch(() => undefined);
      throw error;
    }
  }

  async function close(): Promise<void> {
    const models = open?.models;
    open = undefined;
    await Promise.all(
      [models?.target, models?.draft].map((model) => (model as Model | undefined)?.dispose()),
    );
  }
}

const said = (error: unknown): { readonly code: string; readonly message: string } =>
  JudgeDecodingError.is(error)
    ? { code: error.code, message: error.message }
    : { code: 'fault', message: `Something went wrong that should not: ${String(error)}` };

function shown(
  name: string,
  { target, draft, tokenizer, head, threads, adapter, placement }: Models,
): OpenedPair {
  return {
    name,
    target: facts(target),
    ...(draft && { draft: facts(draft) }),
    ...(head === undefined
      ? {}
      : {
          head: {
            threshold: headFor(head, target.info).threshold,
            calibration: head.provenance.calibration,
          },
        }),
    threads,
    ...(placement === undefined ? {} : { placement }),
    ...(adapter === undefined ? {} : { adapter }),
    chat: tokenizer.hasChatTemplate,
  };
}

const facts = ({ info }: Model): ShownModel => ({
  name: info.name,
  architecture: info.architecture,
  dtype: info.dtype,
  device: info.device,
  vocabSize: info.vocabSize,
  hiddenSize: info.hiddenSize,
  layers: info.layers,
  contextLength: info.contextLength,
  endTokens: info.endTokens,
  specialTokens: info.specialTokens,
});

/** A turn of the event loop, so that a cancellation is heard; timers would wait four milliseconds. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
