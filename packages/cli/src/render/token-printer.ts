import type { TokenSource } from '@judge-decoding/core';
import { BRACKETS, type Look, type Origin, originOf, style } from './sources.ts';

/** Writes text as it comes, marked by who let it in. */
export interface TokenPrinter {
  print(text: string, source: TokenSource): void;
  /** Closes a bracket that is still open. */
  end(): void;
}

/** In letters, brackets hold runs of one origin and hug the words: spaces stay outside. */
export function tokenPrinter(write: (text: string) => void, look: Look): TokenPrinter {
  let open: Origin = 'standard';
  let spaces = '';
  const close = (): string => {
    const [, mark] = BRACKETS[open];
    const closed = look.letters && mark !== '' ? look.paint.dim(mark) : '';
    open = 'standard';
    return closed;
  };
  return {
    print(text, source) {
      if (text === '') return;
      const origin = originOf(source);
      const [, before = '', inner = '', after = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(text)!;
      if (!look.letters) {
        write(before + (inner === '' ? '' : style(look, origin, inner)) + after);
        return;
      }
      if (inner === '') {
        spaces += before;
        return;
      }
      const [mark] = BRACKETS[origin];
      // a run goes on over spaces, but never over a line's end
      const goesOn = origin === open && !(spaces + before).includes('\n');
      const shift = goesOn ? '' : close();
      const start = goesOn || mark === '' ? '' : look.paint.dim(mark);
      write(`${shift}${spaces}${before}${start}${style(look, origin, inner)}`);
      open = origin;
      spaces = after;
    },
    end() {
      const last = close() + spaces;
      spaces = '';
      if (last !== '') write(last);
    },
  };
}
