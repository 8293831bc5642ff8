import type { Terminal } from '../terminal.ts';
import type { Paint } from './paint.ts';

/** One line on stderr that is drawn over; nothing at all where stderr is no terminal. */
export interface Progress {
  show(what: string, done: number, total: number): void;
  /** A text without a bar, such as "measuring …". */
  say(what: string): void;
  clear(): void;
}

const BAR = 20;
/** Escape sequence: to the line's start, and clear the line. */
const CLEAR = '\r\u001b[K';

export function progressLine({ err }: Terminal, paint: Paint): Progress {
  let shown = false;
  const draw = (text: string) => {
    if (!err.isTerminal) return;
    shown = true;
    err.write(`${CLEAR}${paint.dim(text.slice(0, Math.max(20, err.columns - 1)))}`);
  };
  return {
    show(what, done, total) {
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const full = Math.round(share * BAR);
      const bar = `  [${'█'.repeat(full)}${'░'.repeat(BAR - full)}]  ${Math.round(100 * share)} %`;
      // a long name is cut, not what shows how far it is
      draw(`${shortened(what, err.columns - 1 - bar.length)}${bar}`);
    },
    say: draw,
    clear() {
      if (shown) err.write(CLEAR);
      shown = false;
    },
  };
}

const shortened = (text: string, columns: number): string =>
  text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
