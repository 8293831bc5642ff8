import { openOurs, writeOurs } from './ours.ts';

const calls: Record<string, (ask: never) => Promise<unknown>> = { openOurs, writeOurs };

/** What is used of a worker's own global object. */
interface Scope {
  onmessage: ((event: { readonly data: { id: number; call: string; ask: unknown } }) => void) | null;
  postMessage(message: unknown): void;
}
const scope = globalThis as unknown as Scope;

/** Ours where transformers.js is, too: models and the loop around them in one worker. */
scope.onmessage = async ({ data: { id, call, ask } }) => {
  try {
    scope.postMessage({ id, answer: await calls[call]!(ask as never) });
  } catch (error) {
    scope.postMessage({ id, error: String(error) });
  }
};
