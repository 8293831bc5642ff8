import { constants } from 'node:os';
import { textDecoder } from './decode-text.ts';
import { EXIT } from './exit-code.ts';
import { INTERRUPT_SIGNALS, type InterruptSignal, leaveAtOnce } from './leave.ts';

/** Where a command reads and writes. Passed in, so that a test can be one. */
export interface Terminal {
  /** Data: text, JSON. */
  readonly out: Sink;
  /** Everything else: notices, progress, statistics. */
  readonly err: Sink;
  readonly input: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls `handler` on Ctrl-C, or when asked to end (SIGTERM), until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  /** After Ctrl-C: ends the process at once, without waiting for native code. */
  leave(): void;
  /** What a shell should see after an interruption, where it is not 130 (Ctrl-C). */
  interruptCode?(): number;
  /**
   * Calls `handler` when nobody reads `out` any more (`judge generate | head`), until the returned
   * function is called. Where nobody listens the process ends then, and that is no fault.
   */
  onOutputClosed?(handler: () => void): () => void;
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
  const closed: (() => void)[] = [];
  // a closed pipe (`judge generate | head`) is the reader's choice and no fault
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') {
      // said here, as whoever wrote is long past it
      process.stderr.write(
        `error: Expected to write to stdout, got: ${error.message}. See that there is room, and that it can be written.\n`,
      );
      process.exit(EXIT.file);
    }
    if (closed.length === 0) process.exit(0);
    for (const handler of [...closed]) handler();
  });
  // what nobody reads is not worth a failure, and there is nowhere left to say so
  process.stderr.on('error', () => undefined);
  let interruptedBy: InterruptSignal = 'SIGINT';
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
      const heard = (signal: NodeJS.Signals) => {
        interruptedBy = signal as InterruptSignal;
        handler();
      };
      for (const signal of INTERRUPT_SIGNALS) process.on(signal, heard);
      return () => {
        for (const signal of INTERRUPT_SIGNALS) process.off(signal, heard);
      };
    },
    interruptCode: () => 128 + constants.signals[interruptedBy],
    onOutputClosed(handler) {
      closed.push(handler);
      return () => void closed.splice(closed.indexOf(handler), 1);
    },
    leave: () => leaveAtOnce(interruptedBy),
    now: () => performance.now(),
  };
}

/** All of a piped input: UTF-8, or UTF-16 with a byte-order mark. */
export async function readAll({ stream }: Input): Promise<string> {
  let text = '';
  for await (const part of decodedParts(stream)) text += part;
  return text;
}

/** A piped input's text, as it comes. */
export async function* decodedParts(stream: NodeJS.ReadableStream): AsyncGenerator<string> {
  const decoder = textDecoder();
  for await (const part of stream) yield typeof part === 'string' ? part : decoder.decode(part as Uint8Array);
  yield decoder.finish();
}
