import type { Paint } from '../render/paint.ts';
import { wrap } from '../render/wrap.ts';
import type { Terminal } from '../terminal.ts';

/** Lines on stderr that a user should see, kept for the JSON output too. */
export interface Notices {
  say(text: string): void;
  readonly said: readonly string[];
}

export function notices({ err }: Terminal, paint: Paint): Notices {
  const said: string[] = [];
  return {
    said,
    say(text) {
      if (said.includes(text)) return;
      said.push(text);
      // a program that reads stderr wants a note on one line
      const lines = err.isTerminal ? wrap(`note: ${text}`, err.columns) : [`note: ${text}`];
      err.write(`${lines.join('\n').replace('note:', paint.yellow('note:'))}\n`);
    },
  };
}
