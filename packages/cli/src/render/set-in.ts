import { withoutColour } from './paint.ts';

/** Words that follow without a blank (a full stop, a bracket) still fit in here. */
const MARGIN = 6;

/**
 * Writes text set in by two columns and broken at blanks before the terminal would break it. Takes
 * pieces as they come, each with its own colours.
 */
export function setIn(write: (text: string) => void, columns: number): (piece: string) => void {
  let column = 0;
  return (piece) => {
    for (const part of piece.split(/(\n)/)) {
      if (part === '') continue;
      if (part === '\n') {
        write('\n');
        column = 0;
        continue;
      }
      const width = withoutColour(part).length;
      const breaks = column > 2 && /^\s/.test(withoutColour(part)) && column + width > columns - MARGIN;
      if (breaks) write('\n');
      const fresh = column === 0 || breaks;
      const shown = breaks ? part.replace(/\s+/, '') : part;
      write(fresh ? `  ${shown}` : shown);
      column = fresh ? 2 + withoutColour(shown).length : column + width;
    }
  };
}
