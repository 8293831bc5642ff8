import { seenWidth, WITHOUT_BLANKS } from './width.ts';

/** Text that comes in pieces, broken at blanks before the terminal would break it. */
export interface Flow {
  /** Takes a piece with its colours. A word is held back until it is known where it ends. */
  write(piece: string): void;
  /** Writes what was held back; the next piece goes on in the same line. */
  end(): void;
}

/** Escape sequences, ends of lines, blanks, and single characters of scripts without blanks. */
const PARTS = new RegExp(`(\u001b\\[[\\d;]*m|\\n|[ \\t]+|${WITHOUT_BLANKS.source})`, 'u');
/** Terminals stop a tab at every eighth column. */
const TAB = 8;
const ESCAPE = '\u001b[';
/** These begin no line. */
const CLOSING = /^[、。，．！？：；」』）】〉》ー]$/u;

/**
 * Breaks lines at `columns`, each set in by `indent`. What stands between ``` fences is a program and is
 * left to the terminal: a line of it that was broken here could not be copied.
 */
export function flow(
  write: (text: string) => void,
  columns: number,
  { indent = '' }: { readonly indent?: string } = {},
): Flow {
  let column = 0;
  let blanks = '';
  let word = '';
  /** What the line says so far, to know a fence. */
  let line = '';
  let program = false;

  /** Blanks take a column each, a tab as many as to the next stop. */
  const afterBlanks = () => {
    let at = Math.max(column, indent.length);
    for (const blank of blanks) at += blank === '\t' ? TAB - (at % TAB) : 1;
    return at;
  };
  const put = (text: string, width: number) => {
    if (column === 0 && width > 0) {
      write(indent);
      column = indent.length;
    }
    write(text);
    column += width;
    // a word longer than the line was broken by the terminal
    if (column > columns) column = ((column - 1) % columns) + 1;
  };
  const putBlanks = () => {
    if (blanks !== '') put(blanks, afterBlanks() - Math.max(column, indent.length));
  };
  const endWord = () => {
    if (word === '') return;
    const width = seenWidth(word);
    const breaks = !program && column > indent.length && afterBlanks() + width > columns;
    if (breaks && width > 0) {
      write('\n');
      column = 0;
    } else putBlanks();
    blanks = '';
    put(word, width);
    word = '';
  };
  const endLine = () => {
    endWord();
    write('\n');
    if (line.trimStart().startsWith('```')) program = !program;
    [column, blanks, line] = [0, '', ''];
  };

  return {
    write(piece) {
      for (const part of piece.split(PARTS)) {
        if (part === '') continue;
        if (part.startsWith(ESCAPE)) {
          word += part;
          continue;
        }
        if (part === '\n') {
          endLine();
          continue;
        }
        line += part;
        if (/^[ \t]+$/.test(part)) {
          endWord();
          blanks += part;
        } else if (WITHOUT_BLANKS.test(part) && !CLOSING.test(part)) {
          endWord();
          word += part;
        } else word += part;
      }
    },
    end() {
      endWord();
      putBlanks();
      blanks = '';
    },
  };
}
