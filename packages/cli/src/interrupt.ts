import { JudgeDecodingError } from '@judge-decoding/core';
import type { Terminal } from './terminal.ts';

/**
 * Runs `work` with a signal that Ctrl-C sets: the first one lets it stop where it can (the round in
 * progress is finished, so that statistics can be printed; a graph that is being written is removed);
 * a second one leaves at once.
 */
export async function interruptible<T>(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const off = terminal.onInterrupt(() => {
    if (controller.signal.aborted) terminal.leave();
    else controller.abort();
  });
  try {
    return await work(controller.signal);
  } finally {
    off();
  }
}

/**
 * Ctrl-C for a whole command line. Whoever listens last is told; where nobody does (between two
 * steps, before the first), the command line is over: `left` rejects with code `aborted`.
 */
export function watchInterrupts(terminal: Terminal): {
  readonly terminal: Terminal;
  readonly left: Promise<never>;
  off(): void;
} {
  const listeners: (() => void)[] = [];
  let leave: (error: JudgeDecodingError) => void;
  const left = new Promise<never>((_, reject) => {
    leave = reject;
  });
  // nobody may be waiting any more
  left.catch(() => undefined);
  const off = terminal.onInterrupt(() => {
    const last = listeners.at(-1);
    if (last === undefined) leave(new JudgeDecodingError('aborted', 'Interrupted.'));
    else last();
  });
  return {
    left,
    off,
    terminal: {
      ...terminal,
      onInterrupt(handler) {
        listeners.push(handler);
        return () => {
          const index = listeners.lastIndexOf(handler);
          if (index >= 0) listeners.splice(index, 1);
        };
      },
    },
  };
}
