import type { AbortSignalLike } from '@judge-decoding/core';
import { EXIT } from './exit-code.ts';
import type { Terminal } from './terminal.ts';

/**
 * Runs `work` with a signal that Ctrl-C sets: the first one lets the round in progress finish, so
 * that statistics can be printed; a second one leaves at once.
 */
export async function interruptible<T>(
  terminal: Terminal,
  work: (signal: AbortSignalLike) => Promise<T>,
): Promise<T> {
  const signal = { aborted: false };
  const off = terminal.onInterrupt(() => {
    if (signal.aborted) process.exit(EXIT.interrupted);
    signal.aborted = true;
  });
  try {
    return await work(signal);
  } finally {
    off();
  }
}
