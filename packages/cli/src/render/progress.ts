import type { Terminal } from '../terminal.ts';
import type { Paint } from './paint.ts';
import { shortened } from './width.ts';

/** One line on stderr that is drawn over; nothing at all where stderr is no terminal. */
export interface Progress {
  /** Without a bar where `total` is 0: nobody knows how far it is. */
  show(what: string, done: number, total: number): void;
  /** A text without a bar, such as "measuring …". */
  say(what: string): void;
  clear(): void;
}

const BAR = 20;
/** Columns below which the bar would leave no room to say what it is of. */
const NARROW = 50;
/** Escape sequence: to the line's start, and clear the line. */
const CLEAR = '\r\u001b[K';

export function progressLine({ err }: Terminal, paint: Paint): Progress {
  let shown = false;
  const draw = (text: string) => {
    if (!err.isTerminal) return;
    shown = true;
    err.write(`${CLEAR}${paint.dim(shortened(text, err.columns - 1))}`);
  };
  return {
    show(what, done, total) {
      if (total <= 0) return draw(`${what} …`);
      const share = Math.min(1, done / total);
      const full = Math.round(share * BAR);
      const percent = `  ${Math.round(100 * share)} %`;
      const bar =
        err.columns < NARROW ? percent : `  [${'█'.repeat(full)}${'░'.repeat(BAR - full)}]${percent}`;
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
