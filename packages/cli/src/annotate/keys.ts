import type { Input } from '../terminal.ts';

const NAMES: Readonly<Record<string, string>> = {
  '\u001b[D': 'left',
  '\u001b[C': 'right',
  '\u001b[A': 'up',
  '\u001b[B': 'down',
  '\u001b[1;5D': 'b',
  '\u001b[1;5C': 'w',
  '\u001b[H': 'home',
  '\u001b[F': 'end',
  '\r': 'enter',
  '\n': 'enter',
  '\u0003': 'quit',
  '\u0004': 'quit',
  '\u007f': 'backspace',
  '\b': 'backspace',
};

/** Keys one by one, by name; what is piped in counts as typed. Ends when the input does. */
export async function* keysOf({ stream, isTerminal }: Input): AsyncGenerator<string, void, undefined> {
  const raw = stream as NodeJS.ReadableStream & { setRawMode?: (on: boolean) => void };
  if (isTerminal) raw.setRawMode?.(true);
  try {
    for await (const part of stream) {
      const text = typeof part === 'string' ? part : Buffer.from(part).toString('utf8');
      for (let at = 0; at < text.length; ) {
        const sequence = Object.keys(NAMES).find((one) => text.startsWith(one, at));
        const key = sequence ?? String.fromCodePoint(text.codePointAt(at)!);
        at += key.length;
        yield sequence === undefined ? key : NAMES[sequence]!;
      }
    }
  } finally {
    if (isTerminal) raw.setRawMode?.(false);
  }
}
