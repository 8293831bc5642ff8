import { type AbortSignalLike, throwIfAborted } from '@judge-decoding/core';

/** Lets timers and signals in, and stops where the signal says so. */
export async function breathe(signal: AbortSignalLike | undefined): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  throwIfAborted(signal);
}
