import type { Paint } from '../render/paint.ts';
import { hanging } from '../render/wrap.ts';
import { type Terminal, widthOf } from '../terminal.ts';

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
      const lines = hanging(`${paint.yellow('note:')} `, text, widthOf(err), 0);
      err.write(`${lines.join('\n')}\n`);
    },
  };
}
