import type { Written } from '../in-turns.ts';
import { openOurs, writeOurs } from './ours.ts';

let worker: Worker | undefined;
let asked = 0;

/** Asks transformers.js, in its worker. */
function askTheirs<Answer>(question: object): Promise<Answer> {
  worker ??= new Worker(new URL('../../anchors/transformers-js-worker.mjs', import.meta.url), {
    type: 'module',
  });
  const id = asked++;
  const listening = worker;
  return new Promise((resolve, reject) => {
    const hear = ({ data }: MessageEvent<{ id: number; answer?: Answer; error?: string }>) => {
      if (data.id !== id) return;
      listening.removeEventListener('message', hear);
      if (data.error === undefined) resolve(data.answer!);
      else reject(new Error(`transformers.js: ${data.error}`));
    };
    listening.addEventListener('message', hear);
    listening.onerror = (event) => reject(new Error(`transformers.js: ${event.message}`));
    listening.postMessage({ id, ...question });
  });
}

const calls = {
  openOurs,
  writeOurs,
  openTheirs: (open: object) => askTheirs<{ readonly facts: string }>({ open }),
  writeTheirs: (write: { readonly prompt: readonly number[]; readonly maxTokens: number }) =>
    askTheirs<Written>({ write }),
};
export type Calls = typeof calls;

Object.assign(globalThis, { calls });
