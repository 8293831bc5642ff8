import type { ShownToken } from '@judge-decoding/page-parts';
import type { Annotation, DataSetRow, Mistake, Suggestion } from '@judge-decoding/train/data-set';

/** One token of the answer: what it adds, and where it stands, in UTF-16 code units. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** The answer as the target's tokenizer cuts it; rows that nobody cut are shown word by word. */
export function piecesOf({ wrong = '', cuts }: Pick<DataSetRow, 'wrong' | 'cuts'>): readonly Piece[] {
  const starts = cuts?.starts ?? [...wrong.matchAll(/\s*\S+|\s+$/g)].map(({ index }) => index);
  return starts.map((start, index) => {
    const end = starts[index + 1] ?? wrong.length;
    return { text: wrong.slice(start, end), start, end };
  });
}

/** Where the answer goes wrong, in tokens: from the first wrong one to the last; open where nothing says that it mends. */
export interface Mark {
  readonly from: number;
  /** The last wrong token, where what follows is right again. */
  readonly to?: number;
}

/** A click or a key on a token: the first mistake, or with one there its end. */
export function marked(mark: Mark | undefined, at: number, end: boolean): Mark | undefined {
  if (end && mark !== undefined && at >= mark.from) return { from: mark.from, to: at };
  return { from: at };
}

export const mistakesOf = ({ from, to }: Mark, pieces: readonly Piece[]): readonly Mistake[] => [
  {
    start: pieces[from]!.start,
    end: pieces[to ?? from]!.end,
    ...(to === undefined ? {} : { recovered: true }),
  },
];

/** What was marked before, in tokens; a span that begins inside a token marks that token. */
export function markOf(annotation: Annotation | undefined, pieces: readonly Piece[]): Mark | undefined {
  const mistake = annotation?.mistakes?.[0];
  if (mistake === undefined) return undefined;
  const at = (offset: number) => pieces.findIndex(({ start, end }) => offset >= start && offset < end);
  const from = at(mistake.start);
  if (from < 0) return undefined;
  return { from, ...(mistake.recovered ? { to: Math.max(from, at(mistake.end - 1)) } : {}) };
}

/**
 * Wrong tokens are struck, what follows a mistake that nobody ended is pale: it has no label. With a
 * head's suggestion each token has its score, and those that it would stop are marked.
 */
export const shownWith = (
  pieces: readonly Piece[],
  mark: Mark | undefined,
  suggestion?: Suggestion,
): readonly ShownToken[] =>
  pieces.map(({ text }, index) => {
    const score = suggestion?.scores[index];
    const source = sourceAt(index, mark);
    const stopped = source === 'standard' && score !== undefined && score <= suggestion!.threshold;
    return { id: index, piece: text, source: stopped ? 'suspected' : source, score };
  });

function sourceAt(index: number, mark: Mark | undefined): string {
  if (mark === undefined || index < mark.from) return 'standard';
  const last = mark.to ?? mark.from;
  if (index <= last) return 'rejected';
  return mark.to === undefined ? 'discarded' : 'standard';
}
