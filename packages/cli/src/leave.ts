import { constants } from 'node:os';

/** Ctrl-C, and what a supervisor sends: both stop what is at work, and what is half done is removed. */
export const INTERRUPT_SIGNALS = ['SIGINT', 'SIGTERM'] as const;
export type InterruptSignal = (typeof INTERRUPT_SIGNALS)[number];

/**
 * Ends this process at once after Ctrl-C or SIGTERM, whatever it is at. Native code that opens or runs a model
 * cannot be interrupted: `process.exit` waits for it, for seconds with a large model, and taking its
 * thread away ends in an abort. Only the operating system ends all threads together, so the process
 * dies of the signal itself, as it would without a listener. Shells report that as 130 (or 143), too.
 */
export function leaveAtOnce(signal: InterruptSignal): void {
  // what a line editor has changed does not outlive the process otherwise
  if (process.stdin.isTTY && process.stdin.isRaw) process.stdin.setRawMode(false);
  // Windows has no such signal, and would report code 1: there the right code is worth the wait
  if (process.platform !== 'win32') {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  process.exit(128 + constants.signals[signal]);
}
