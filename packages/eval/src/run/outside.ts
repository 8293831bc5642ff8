import { NO_STATS, type TokenId } from '@judge-decoding/core';
import type { Timed } from './decoder.ts';

/** Another program that decodes greedily with the same weights: something known to hold speeds against. */
export interface OutsideProgram {
  /** Of its arm. */
  readonly name: string;
  /** One sentence: what it is and how it is set. */
  readonly about: string;
  open(options: OutsideOptions): Promise<OutsideDecoder>;
}

/** What the program is given: the models as they were named to the run. */
export interface OutsideOptions {
  readonly target: string;
  readonly draft: string | undefined;
  /** Of each model; as the run's own. Undefined: as the program chooses. */
  readonly threads: number | undefined;
  readonly contextLength: number;
  readonly endTokens: readonly TokenId[];
  /** A folder of the user's cache, for models in other forms. */
  readonly cacheFolder: string;
}

/** A program of somebody else, open and ready to decode greedily. */
export interface OutsideDecoder {
  /** Version and settings, as it runs. */
  readonly facts: string;
  /** From an empty cache; times are the program's own, from when it has the prompt. */
  decode(request: { readonly prompt: readonly TokenId[]; readonly maxTokens: number }): Promise<OutsideText>;
  dispose(): Promise<void>;
}

/** What it wrote, and when. */
export interface OutsideText {
  /** The end token included, where it ended itself. */
  readonly tokens: readonly TokenId[];
  readonly milliseconds: number;
  /** Of every token: milliseconds since the prompt was there. */
  readonly at: readonly number[];
}

/** Its text as a row of ours: every moment at which tokens appeared counts as a round. */
export function outsideTimed({ tokens, milliseconds, at }: OutsideText, most: number): Timed {
  const rounds: [number, number][] = [];
  let last = 0;
  for (const moment of at) {
    const round = rounds.at(-1);
    // what comes within a tenth of a millisecond came together
    if (round !== undefined && moment - last < 0.1) round[0]++;
    else rounds.push([1, moment - last]);
    last = moment;
  }
  const count = tokens.length;
  return {
    tokens,
    finish: count > 0 && count < most ? { reason: 'end', token: tokens.at(-1)! } : { reason: 'length' },
    stats: {
      ...NO_STATS,
      generations: 1,
      rounds: count,
      bonus: count,
      committed: count,
      times: { ...NO_STATS.times, prefill: at[0] ?? milliseconds },
    },
    milliseconds,
    firstToken: at[0] ?? milliseconds,
    rounds,
    marks: 'b'.repeat(count),
    turns: [count],
  };
}
