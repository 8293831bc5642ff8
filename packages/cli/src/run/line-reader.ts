import { createInterface } from 'node:readline';
import { Readable, Writable } from 'node:stream';
import { decodedParts, type Sink, type Terminal } from '../terminal.ts';

/** A line, the end of the input (Ctrl-D), or Ctrl-C. */
export type ReadLine =
  | { readonly kind: 'line'; readonly text: string }
  | { readonly kind: 'end' }
  | { readonly kind: 'interrupt' };

export interface LineReader {
  next(): Promise<ReadLine>;
  close(): void;
}

/** Lines as a person types them, with editing and history, or as they are piped in. */
export const lineReader = ({ input, err }: Terminal, prompt: string): LineReader =>
  input.isTerminal ? typedLines(input.stream, err, prompt) : pipedLines(input.stream);

function typedLines(input: NodeJS.ReadableStream, err: Sink, prompt: string): LineReader {
  let history: string[] = [];
  const output = streamTo(err);
  return {
    // an interface for each line: between lines the terminal is its own again, and Ctrl-C a signal
    next: () =>
      new Promise((resolve) => {
        const lines = createInterface({ input, output, terminal: true, history, prompt });
        let read: ReadLine | undefined;
        const settle = (what: ReadLine) => {
          read = what;
          // its own listeners must hear of it, too: they give the keyboard back
          lines.close();
        };
        lines.on('history', (kept) => {
          history = [...kept];
        });
        lines.on('line', (text) => settle({ kind: 'line', text }));
        lines.on('SIGINT', () => settle({ kind: 'interrupt' }));
        lines.on('close', () => {
          // Enter has ended the line already
          if (read?.kind !== 'line') err.write('\n');
          resolve(read ?? { kind: 'end' });
        });
        lines.prompt();
      }),
    close: () => undefined,
  };
}

/** As readline wants it: a stream that knows how wide it is. */
const streamTo = (sink: Sink): NodeJS.WritableStream =>
  Object.defineProperty(
    new Writable({
      decodeStrings: false,
      write(chunk, _encoding, done) {
        sink.write(String(chunk));
        done();
      },
    }),
    'columns',
    { get: () => sink.columns },
  );

function pipedLines(stream: NodeJS.ReadableStream): LineReader {
  const input = Readable.from(decodedParts(stream));
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  // readline does not hear of what goes wrong in its input
  const failed = new Promise<never>((_, reject) => input.once('error', reject));
  failed.catch(() => undefined);
  const each = lines[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await Promise.race([each.next(), failed]);
      return done ? { kind: 'end' } : { kind: 'line', text: value };
    },
    close() {
      lines.close();
      input.destroy();
    },
  };
}
