import type { Paint } from '../render/paint.ts';
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
      err.write(`${paint.yellow('note:')} ${text}\n`);
    },
  };
}
