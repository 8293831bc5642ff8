import { createInterface } from 'node:readline';
import type { Terminal } from '../terminal.ts';

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
export function lineReader({ input, err }: Terminal, prompt: string): LineReader {
  return input.isTerminal ? typedLines(input.stream, prompt) : pipedLines(input.stream);

  function typedLines(stream: NodeJS.ReadableStream, question: string): LineReader {
    let history: string[] = [];
    return {
      // an interface for each line: between lines the terminal is its own again, and Ctrl-C a signal
      next: () =>
        new Promise((resolve) => {
          const lines = createInterface({
            input: stream,
            output: process.stderr,
            terminal: true,
            history,
            prompt: question,
          });
          const settle = (read: ReadLine) => {
            lines.removeAllListeners();
            lines.close();
            resolve(read);
          };
          lines.on('history', (kept) => {
            history = [...kept];
          });
          lines.on('line', (text) => settle({ kind: 'line', text }));
          lines.on('SIGINT', () => {
            err.write('\n');
            settle({ kind: 'interrupt' });
          });
          lines.on('close', () => {
            err.write('\n');
            settle({ kind: 'end' });
          });
          lines.prompt();
        }),
      close: () => undefined,
    };
  }
}

function pipedLines(stream: NodeJS.ReadableStream): LineReader {
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  const each = lines[Symbol.asyncIterator]();
  return {
    async next() {
      const { done, value } = await each.next();
      return done ? { kind: 'end' } : { kind: 'line', text: value };
    },
    close: () => lines.close(),
  };
}
