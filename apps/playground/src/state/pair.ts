import EngineWorker from 'engine-worker?worker';
import { JudgeDecodingError } from '@judge-decoding/core';
import { signal } from '@preact/signals';
import { EngineClient } from '../engine/client.ts';
import type { OpenedPair, PairPlace, Progress } from '../engine/protocol.ts';
import { whenKept } from '../offline/register.ts';
import { change, settings } from './settings.ts';

export type PairState =
  | { readonly kind: 'closed' }
  | { readonly kind: 'opening'; readonly progress: Progress | undefined; readonly abort: AbortController }
  | { readonly kind: 'open'; readonly opened: OpenedPair; readonly key: string }
  | { readonly kind: 'failed'; readonly message: string; readonly device: boolean };

// tests read the name of the worker to have something go wrong in it
export const engine = new EngineClient(() => new EngineWorker({ name: `engine${location.search}` }));

export const pair = signal<PairState>({ kind: 'closed' });

/** The pair that was picked from files or addresses. */
export const ownPair = signal<PairPlace | undefined>(undefined);

const here = (path: string) => new URL(path, document.baseURI).href;

/** What lies beside the page. */
export const pocketPair = (): PairPlace => ({
  name: 'Pocket pair',
  target: { url: here('models/pocket/target/') },
  draft: { url: here('models/pocket/draft/') },
  head: { url: here('models/pocket/heads/pre-norm-and-previous.safetensors') },
});

const keyOf = ({ name }: PairPlace): string => `${name} on ${settings.value.device}`;

/** The open pair; opens it where it is not, or another one is. */
export async function openedPair(): Promise<OpenedPair> {
  const place = settings.value.pair === 'own' ? ownPair.value : pocketPair();
  if (place === undefined)
    throw new JudgeDecodingError(
      'invalid-option',
      'Expected models of your own, none were chosen. Choose a target and a draft.',
    );
  const key = keyOf(place);
  const now = pair.value;
  if (now.kind === 'open' && now.key === key) return now.opened;
  if (now.kind === 'opening') now.abort.abort();
  const abort = new AbortController();
  const show = (progress: Progress | undefined) => {
    if (!abort.signal.aborted) pair.value = { kind: 'opening', progress, abort };
  };
  show(undefined);
  try {
    await whenKept();
    const opened = await engine.ask(
      'open',
      { place, device: settings.value.device },
      {
        signal: abort.signal,
        onEvent: show,
      },
    );
    pair.value = { kind: 'open', opened, key };
    return opened;
  } catch (error) {
    pair.value = JudgeDecodingError.is(error, 'aborted') ? { kind: 'closed' } : failed(error);
    throw error;
  }
}

/** After a fault of the device the worker has given its models up: the next run opens them again. */
export function noteFault(error: unknown): void {
  if (JudgeDecodingError.is(error, 'device') || JudgeDecodingError.is(error, 'disposed'))
    pair.value = failed(error);
}

const failed = (error: unknown): PairState => ({
  kind: 'failed',
  message: (error as Error).message,
  device: JudgeDecodingError.is(error, 'device'),
});

export function choosePair(place: PairPlace | undefined): void {
  ownPair.value = place;
  // a judge without a head can only be refused
  const headless = place !== undefined && place.head === undefined && settings.value.rule === 'judge';
  change({ pair: place === undefined ? 'pocket' : 'own', ...(headless ? { rule: 'strict' } : {}) });
}
