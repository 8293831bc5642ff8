import type { Model } from '@judge-decoding/core';
import { BACKENDS, type Backends, type OpenModelRequest } from '../src/pair/backends.ts';

/** The CPU backend, but a model that was opened once stays open for later runs of the same test file. */
export interface KeptModels {
  readonly backends: Backends;
  dispose(): Promise<void>;
}

export function keptModels(): KeptModels {
  const opened = new Map<string, Promise<Model>>();
  const { open, ...facts } = BACKENDS.cpu!;
  const keep = async (request: OpenModelRequest): Promise<Model> => {
    const { onProgress: _progress, signal: _signal, ...asked } = request;
    const key = JSON.stringify(asked);
    const model = opened.get(key) ?? open(request);
    opened.set(key, model);
    model.catch(() => opened.delete(key));
    return { ...bound(await model), dispose: async () => undefined };
  };
  return {
    backends: { cpu: { ...facts, open: keep } },
    async dispose() {
      const models = await Promise.allSettled(opened.values());
      for (const model of models) if (model.status === 'fulfilled') await model.value.dispose();
    },
  };
}

const bound = (model: Model): Model => ({
  info: model.info,
  openSession: () => model.openSession(),
  forward: (passes, request) => model.forward(passes, request),
  dispose: () => model.dispose(),
});
