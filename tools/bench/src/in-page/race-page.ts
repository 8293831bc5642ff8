import type { Written } from '../in-turns.ts';
import { type OpenOptions, openOurs, type WriteOptions, writeOurs } from './ours.ts';

/** Questions to a worker, which answers each by its number. */
function asking(name: string, start: () => Worker): <Answer>(question: object) => Promise<Answer> {
  let worker: Worker | undefined;
  let asked = 0;
  return (question) => {
    worker ??= start();
    const id = asked++;
    const listening = worker;
    return new Promise((resolve, reject) => {
      const hear = ({ data }: MessageEvent<{ id: number; answer?: never; error?: string }>) => {
        if (data.id !== id) return;
        listening.removeEventListener('message', hear);
        if (data.error === undefined) resolve(data.answer!);
        else reject(new Error(`${name}: ${data.error}`));
      };
      listening.addEventListener('message', hear);
      listening.onerror = (event) => reject(new Error(`${name}: ${event.message}`));
      listening.postMessage({ id, ...question });
    });
  };
}

const askTheirs = asking(
  'transformers.js',
  () => new Worker(new URL('../../anchors/transformers-js-worker.mjs', import.meta.url), { type: 'module' }),
);
const askOurs = asking(
  'ours',
  () => new Worker(new URL('./ours-worker.ts', import.meta.url), { type: 'module' }),
);

interface TheirText {
  readonly prompt: readonly number[];
  readonly maxTokens: number;
  /** Tokens of the prompt a pass; its cache is kept then. */
  readonly readBy?: number;
  /** The cache of a prompt that is kept has made-up rows. */
  readonly fill?: boolean;
}

const calls = {
  openOurs,
  writeOurs,
  /** The same with everything in one worker. */
  openInOne: (ask: OpenOptions) =>
    askOurs<Awaited<ReturnType<typeof openOurs>>>({ call: 'openOurs', ask: { ...ask, thread: 'calling' } }),
  writeInOne: (ask: WriteOptions) => askOurs<Written>({ call: 'writeOurs', ask }),
  openTheirs: (open: object) => askTheirs<{ readonly facts: string }>({ open }),
  writeTheirs: (write: TheirText) => askTheirs<Written>({ write }),
};
export type Calls = typeof calls;

Object.assign(globalThis, { calls });
