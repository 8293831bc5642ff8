import { afterAll, beforeAll } from 'vitest';
import { type KeptModels, keptModels } from './kept-models.ts';
import { type TinyPair, tinyPair } from './tiny-pair.ts';

/** A tiny pair, and its models once they are opened, for all tests of a file; there is nothing in them before the first test begins. */
export function pairForFile(options: Parameters<typeof tinyPair>[0] = {}): {
  readonly pair: TinyPair;
  readonly kept: KeptModels;
} {
  let pair: TinyPair | undefined;
  let kept: KeptModels | undefined;
  beforeAll(async () => {
    kept = keptModels();
    pair = await tinyPair(options);
  });
  afterAll(async () => {
    await kept?.dispose();
    await pair?.dispose();
  });
  return { pair: later(() => pair), kept: later(() => kept) };
}

/** Stands for what is there later. */
const later = <Thing extends object>(thing: () => Thing | undefined): Thing =>
  new Proxy({} as Thing, { get: (_, name) => Reflect.get(thing()!, name) });
