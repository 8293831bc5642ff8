import { EXIT } from './exit-code.ts';

/**
 * Ends this process at once after Ctrl-C, whatever it is at. Native code that opens or runs a model
 * cannot be interrupted: `process.exit` waits for it, for seconds with a large model, and taking its
 * thread away ends in an abort. Only the operating system ends all threads together, so the process
 * dies of the signal itself, as it would without a listener. Shells report that as 130, too.
 */
export function leaveAtOnce(): void {
  // what a line editor has changed does not outlive the process otherwise
  if (process.stdin.isTTY && process.stdin.isRaw) process.stdin.setRawMode(false);
  // Windows has no such signal, and would report code 1: there the right code is worth the wait
  if (process.platform !== 'win32') {
    process.removeAllListeners('SIGINT');
    process.kill(process.pid, 'SIGINT');
  }
  process.exit(EXIT.interrupted);
}
