import { leaveAtOnce } from './leave.ts';

/** Where a command reads and writes. Passed in, so that a test can be one. */
export interface Terminal {
  /** Data: text, JSON. */
  readonly out: Sink;
  /** Everything else: notices, progress, statistics. */
  readonly err: Sink;
  readonly input: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `handler` on Ctrl-C until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  /** After Ctrl-C: ends the process at once, without waiting for native code. */
  leave(): void;
  /** Milliseconds from any fixed moment. */
  now(): number;
}

export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number;
}

export interface Input {
  readonly isTerminal: boolean;
  /** The stream itself, for reading line by line. */
  readonly stream: NodeJS.ReadableStream;
}

/** Where lines must be broken: nowhere in a file or a pipe. */
export const widthOf = ({ isTerminal, columns }: Sink): number =>
  isTerminal ? columns : Number.POSITIVE_INFINITY;

/** The process's own terminal. */
export function processTerminal(): Terminal {
  // a closed pipe (`judge generate | head`) is the reader's choice and no fault
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  const sink = (stream: NodeJS.WriteStream): Sink => ({
    write: (text) => {
      stream.write(text);
    },
    get isTerminal() {
      return stream.isTTY === true;
    },
    get columns() {
      // some pseudo terminals say that they are 0 wide
      return stream.columns || Number(process.env.COLUMNS) || 80;
    },
  });
  return {
    out: sink(process.stdout),
    err: sink(process.stderr),
    input: { isTerminal: process.stdin.isTTY === true, stream: process.stdin },
    env: process.env,
    onInterrupt(handler) {
      process.on('SIGINT', handler);
      return () => process.off('SIGINT', handler);
    },
    leave: leaveAtOnce,
    now: () => performance.now(),
  };
}

/** All of a piped input. */
export async function readAll({ stream }: Input): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of stream) {
    text += typeof part === 'string' ? part : decoder.decode(part as Uint8Array, { stream: true });
  }
  return text + decoder.decode();
}
