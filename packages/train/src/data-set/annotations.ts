import { type Annotation, type DataSetRow, type Mistake, problemOf } from './row.ts';

/** The row with one annotator's word put in, in place of an earlier one of theirs. */
export function withAnnotation(row: DataSetRow, annotation: Annotation): DataSetRow {
  const others = (row.annotations ?? []).filter(({ annotator }) => annotator !== annotation.annotator);
  return { ...row, annotations: [...others, annotation] };
}

/** The row without one annotator's word. */
export function withoutAnnotation(row: DataSetRow, annotator: string): DataSetRow {
  const { annotations = [], ...rest } = row;
  const others = annotations.filter((one) => one.annotator !== annotator);
  return others.length === 0 ? rest : { ...rest, annotations: others };
}

/** What one annotator says of a row, if anything. */
export const annotationOf = (row: DataSetRow, annotator: string): Annotation | undefined =>
  row.annotations?.find((one) => one.annotator === annotator);

/** What a row says of its `wrong` answer when all have spoken. */
export type Agreed =
  | { readonly decision: 'mistake'; readonly mistakes: readonly Mistake[] }
  | { readonly decision: 'correct' }
  /** Nobody has decided, as many say one as the other, or somebody has flagged it. */
  | { readonly decision: 'open' };

/**
 * What holds of a row: its own `mistakes` where it has some, else what most annotators say. Where they
 * say that there is a mistake, the spans are those of the annotator whose first mistake is the median
 * (of an even number the earlier one).
 */
export function agreed(row: DataSetRow): Agreed {
  const { mistakes, annotations = [] } = row;
  if (annotations.some(({ decision }) => decision === 'flag')) return { decision: 'open' };
  if (mistakes !== undefined) return { decision: 'mistake', mistakes };
  const marked = annotations.flatMap(({ decision, mistakes: spans }) =>
    decision === 'mistake' && spans !== undefined ? [spans] : [],
  );
  const correct = annotations.filter(({ decision }) => decision === 'correct').length;
  if (marked.length === correct) return { decision: 'open' };
  if (marked.length < correct) return { decision: 'correct' };
  const byStart = [...marked].sort((a, b) => a[0]!.start - b[0]!.start);
  return { decision: 'mistake', mistakes: byStart[(byStart.length - 1) >> 1]! };
}

/** How well two annotators agree on what both decided. */
export interface Agreement {
  readonly first: string;
  readonly second: string;
  /** Rows that both called a mistake or correct. */
  readonly rows: number;
  /** Share of them with the same decision. */
  readonly same: number;
  /**
   * Cohen's kappa of the decision, (same - chance) / (1 - chance) with `chance` from how often each
   * says what (Cohen 1960). NaN where chance is 1: both always say the same one thing.
   */
  readonly kappa: number;
  /** Rows that both called a mistake, and the share of them whose first mistake begins at the same place. */
  readonly marked: number;
  readonly samePlace: number;
}

/** Every pair of annotators that share a row, in the order of their names. */
export function agreements(rows: readonly DataSetRow[]): readonly Agreement[] {
  const names = [...new Set(rows.flatMap(({ annotations = [] }) => annotations.map((one) => one.annotator)))];
  names.sort();
  return names.flatMap((first, i) =>
    names.slice(i + 1).flatMap((second) => {
      const both = rows.flatMap((row) => {
        const [a, b] = [annotationOf(row, first), annotationOf(row, second)];
        return a !== undefined && b !== undefined && decided(a) && decided(b) ? [[row, a, b] as const] : [];
      });
      return both.length === 0 ? [] : [agreementOf(first, second, both)];
    }),
  );
}

const decided = ({ decision }: Annotation): boolean => decision === 'mistake' || decision === 'correct';

function agreementOf(
  first: string,
  second: string,
  both: readonly (readonly [DataSetRow, Annotation, Annotation])[],
): Agreement {
  const share = (holds: (a: Annotation, b: Annotation) => boolean) =>
    both.filter(([, a, b]) => holds(a, b)).length / both.length;
  const same = share((a, b) => a.decision === b.decision);
  const a = share((one) => one.decision === 'mistake');
  const b = share((_, two) => two.decision === 'mistake');
  const chance = a * b + (1 - a) * (1 - b);
  const marked = both.filter(([, one, two]) => one.decision === 'mistake' && two.decision === 'mistake');
  const place = ([row, one, two]: (typeof both)[number]) =>
    tokenAt(row, one.mistakes![0]!.start) === tokenAt(row, two.mistakes![0]!.start);
  return {
    first,
    second,
    rows: both.length,
    same,
    kappa: chance >= 1 ? Number.NaN : (same - chance) / (1 - chance),
    marked: marked.length,
    samePlace: marked.length === 0 ? Number.NaN : marked.filter(place).length / marked.length,
  };
}

/** The token in which an offset lies, where the row knows its tokens; the offset itself elsewhere. */
function tokenAt({ cuts }: DataSetRow, offset: number): number {
  if (cuts === undefined) return offset;
  let at = 0;
  while (at + 1 < cuts.starts.length && cuts.starts[at + 1]! <= offset) at++;
  return at;
}

/**
 * Rows with one annotator's words as they are in `ours`, and everybody else's as they are in `stored`: what
 * is to be written where others may have written meanwhile.
 */
export function withOthersWords(
  ours: readonly DataSetRow[],
  stored: readonly DataSetRow[],
  annotator: string,
): readonly DataSetRow[] {
  const byId = new Map(stored.map((row) => [row.id, row]));
  return ours.map((row) => {
    const mine = annotationOf(row, annotator);
    const there = withoutAnnotation(byId.get(row.id) ?? row, annotator);
    return mine === undefined ? there : withAnnotation(there, mine);
  });
}

/** Two copies of one data set that were annotated apart, as one; a row of either keeps all words on it. */
export function mergeAnnotated(
  ours: readonly DataSetRow[],
  theirs: readonly DataSetRow[],
): readonly DataSetRow[] {
  const byId = new Map(theirs.map((row) => [row.id, row]));
  const merged = ours.map((row) => {
    const other = byId.get(row.id);
    byId.delete(row.id);
    return (other?.annotations ?? []).reduce((sum, one) => {
      const mine = annotationOf(sum, one.annotator);
      return mine !== undefined && (mine.at ?? '') >= (one.at ?? '') ? sum : withAnnotation(sum, one);
    }, row);
  });
  return [...merged, ...byId.values()];
}

/**
 * Rows that were made anew, with what people have said of the same answers before: no mark is lost. Marked rows that
 * are not made any more stay behind the others; `lost` are ids of marked rows whose answer is another one now.
 */
export function withMarksOf(
  before: readonly DataSetRow[],
  fresh: readonly DataSetRow[],
): { readonly rows: readonly DataSetRow[]; readonly lost: readonly string[] } {
  const marked = new Map(
    before
      .filter(({ annotations, mistakes }) => annotations !== undefined || mistakes !== undefined)
      .map((row) => [row.id, row]),
  );
  const lost: string[] = [];
  const rows = fresh.map((row) => {
    const old = marked.get(row.id);
    marked.delete(row.id);
    if (old === undefined) return row;
    if (old.question === row.question && old.wrong === row.wrong) return { ...old, ...row };
    lost.push(row.id);
    return row;
  });
  return { rows: [...rows, ...marked.values()], lost };
}

/** Rows in two parts that share no problem; the second has about `share` of the problems. */
export function splitRows(
  rows: readonly DataSetRow[],
  share: number,
  random: () => number,
): { readonly rest: readonly DataSetRow[]; readonly part: readonly DataSetRow[] } {
  const inPart = new Map<string, boolean>();
  for (const row of rows) {
    const problem = problemOf(row);
    if (!inPart.has(problem)) inPart.set(problem, random() < share);
  }
  return {
    rest: rows.filter((row) => !inPart.get(problemOf(row))),
    part: rows.filter((row) => inPart.get(problemOf(row))),
  };
}
