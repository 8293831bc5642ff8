import type { Checkpoint } from '@judge-decoding/checkpoint';
import type { Backends } from '../pair/backends.ts';

/** What a backend makes of a model's weights when it is asked for one dtype. */
export type Runnable =
  | {
      readonly dtype: string;
      /** What `auto` comes to; otherwise the dtype itself. */
      readonly as: string;
      /** All weights, as the backend holds them. Bytes. */
      readonly weightBytes: number;
      /** Those that one token is multiplied by. Bytes. */
      readonly bytesPerToken: number;
      /** Stored type, how it is held and in how many bits, and how many matrices. */
      readonly matrices: readonly {
        readonly stored: string;
        readonly held: string;
        readonly bits: number;
        readonly count: number;
      }[];
    }
  | { readonly dtype: string; readonly refused: string };

export interface RunnableOn {
  readonly backend: string;
  readonly dtypes: readonly Runnable[];
}

/** What every backend would make of every dtype, as opening the model would; reads no weights. */
export function runnableOn(checkpoint: Checkpoint, backends: Backends): Promise<readonly RunnableOn[]> {
  return Promise.all(
    Object.entries(backends).map(async ([backend, { dtypes, runnable }]) => ({
      backend,
      dtypes: await Promise.all(dtypes.map((dtype) => runnable(checkpoint, dtype))),
    })),
  );
}
