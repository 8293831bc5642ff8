import { type AbortSignalLike, throwIfAborted } from '@judge-decoding/core';

/** How far a long piece of work has come; told after each part of it. */
export interface Progress {
  readonly phase: 'label' | 'features' | 'fit' | 'controls';
  readonly done: number;
  readonly total: number;
}

/** Long work can be watched and stopped; what was finished stays on disk. */
export interface Watch {
  readonly signal?: AbortSignalLike | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/** Lets timers and signals in, and stops where the signal says so. */
export async function breathe(signal: AbortSignalLike | undefined): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  throwIfAborted(signal);
}

/** Shards that one of several processes does: those whose number is `part` modulo `of`. All when absent. */
export interface ShardShare {
  readonly part: number;
  readonly of: number;
}

export const isOurs = (shard: number, share: ShardShare | undefined): boolean =>
  share === undefined || shard % share.of === share.part;
