import type { Annotation, DataSetRow, Mistake } from '@judge-decoding/train/data-set';

/** One answer on the screen: where the cursor is, and what is marked so far. */
export interface Marking {
  readonly row: DataSetRow;
  /** Where each piece begins in `wrong`: tokens where the row knows them, else words. */
  readonly starts: readonly number[];
  readonly cursor: number;
  /** First and last piece of the mistake, once the first is marked. */
  readonly from?: number;
  readonly note?: string;
}

export function beginMarking(row: DataSetRow): Marking {
  const text = row.wrong ?? '';
  const starts = row.cuts?.starts ?? [...text.matchAll(/\s*\S+|\s+$/g)].map(({ index }) => index);
  // several tokens may share one character
  return { row, starts: [...new Set(starts)].filter((start) => start < text.length), cursor: 0 };
}

export type Move = 'left' | 'right' | 'word-left' | 'word-right' | 'start' | 'end' | 'line-down' | 'line-up';

/** Pieces in about one line of a terminal. */
const LINE = 12;

export function moved(marking: Marking, move: Move): Marking {
  const { row, starts, cursor } = marking;
  const last = Math.max(0, starts.length - 1);
  const text = row.wrong ?? '';
  const beginsWord = (piece: number) => /^\s/.test(text.slice(starts[piece])) || piece === 0;
  let at = cursor;
  if (move === 'left') at--;
  else if (move === 'right') at++;
  else if (move === 'start') at = 0;
  else if (move === 'end') at = last;
  else if (move === 'line-down') at += LINE;
  else if (move === 'line-up') at -= LINE;
  else {
    const step = move === 'word-left' ? -1 : 1;
    do at += step;
    while (at > 0 && at < last && !beginsWord(at));
  }
  return { ...marking, cursor: Math.min(last, Math.max(0, at)) };
}

export const pieceSpan = ({ row, starts }: Marking, first: number, last: number): Mistake => ({
  start: starts[first] ?? 0,
  end: starts[last + 1] ?? row.wrong?.length ?? 0,
});

/** The first mistake is at the cursor, or from `from` to the cursor where its beginning was marked. */
export function mistakeAt(marking: Marking): Mistake {
  const { from = marking.cursor, cursor } = marking;
  return pieceSpan(marking, Math.min(from, cursor), Math.max(from, cursor));
}

export const decided = (
  marking: Marking,
  decision: Annotation['decision'],
  by: { readonly annotator: string; readonly seconds: number; readonly at: string },
): Annotation => ({
  annotator: by.annotator,
  decision,
  ...(decision === 'mistake' ? { mistakes: [mistakeAt(marking)] } : {}),
  ...(marking.note === undefined || marking.note === '' ? {} : { note: marking.note }),
  seconds: Math.round(10 * by.seconds) / 10,
  at: by.at,
});
