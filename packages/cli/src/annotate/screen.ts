import type { DataSetRow } from '@judge-decoding/train/data-set';
import type { Paint } from '../render/paint.ts';
import { wrap } from '../render/wrap.ts';
import { type Marking, mistakeAt } from './marking.ts';

export const KEYS: readonly (readonly [string, string])[] = [
  ['←  →', 'a token back, a token on'],
  ['b  w', 'a word back, a word on (↑ ↓ about a line)'],
  ['enter  m', 'the mistake is here'],
  ['v', 'the mistake begins here; then move to its end and press enter'],
  ['c', 'correct as it is'],
  ['s', 'skip'],
  ['f', 'flag: something is the matter with question or answer'],
  ['n', 'a note, ended by enter'],
  ['u', 'undo the last decision'],
  ['?', 'these keys'],
  ['q', 'leave; everything is saved'],
];

export interface ScreenFacts {
  readonly done: number;
  readonly total: number;
  readonly secondsEach: number | undefined;
  readonly annotator: string;
  readonly blind: boolean;
  readonly columns: number;
}

/** One decision a screen. */
export function screenLines(marking: Marking, facts: ScreenFacts, paint: Paint): readonly string[] {
  const { row } = marking;
  const columns = Math.min(facts.columns, 100);
  const part = (title: string, text: string) => [
    '',
    paint.bold(title),
    ...text.split('\n').flatMap((line) => wrap(line, columns)),
  ];
  const pace = facts.secondsEach === undefined ? '' : `, ${facts.secondsEach.toFixed(1)} s each`;
  return [
    paint.dim(`${facts.done + 1} of ${facts.total}, ${facts.annotator}${pace}  ${row.id}`),
    ...part('Question', row.question),
    ...(facts.blind || row.correct === undefined ? [] : part('A correct answer', row.correct)),
    '',
    paint.bold('Where does this go wrong first?'),
    ...answerLines(marking, columns, paint),
    ...(marking.note === undefined ? [] : ['', `note: ${marking.note}`]),
    '',
    paint.dim('enter: here   c: correct   s: skip   u: undo   ?: all keys   q: leave'),
  ];
}

/** The answer, the piece under the cursor (or the mistake so far) in brackets and colour. */
export function answerLines(marking: Marking, columns: number, paint: Paint): readonly string[] {
  const text = marking.row.wrong ?? '';
  const { start, end } = mistakeAt(marking);
  // brackets show it without colour, too; the space before a word stays outside
  const lead = /^\s*/.exec(text.slice(start, end))![0].length;
  const shown = `${text.slice(0, start + lead)}⟦${text.slice(start + lead, end)}⟧${text.slice(end)}`;
  let open = false;
  return shown
    .split('\n')
    .flatMap((line) => wrap(line, columns))
    .map((line) =>
      line.replace(/⟦|⟧|[^⟦⟧]+/g, (piece) => {
        if (piece === '⟦') open = true;
        if (piece === '⟧') {
          open = false;
          return paint.bold(piece);
        }
        return open ? paint.bold(piece) : piece;
      }),
    );
}

/** What is said at the end. */
export const summaryOf = (rows: readonly DataSetRow[], annotator: string): string => {
  const mine = rows.flatMap(({ annotations = [] }) =>
    annotations.filter((one) => one.annotator === annotator),
  );
  const count = (decision: string) => mine.filter((one) => one.decision === decision).length;
  return `${mine.length} ${mine.length === 1 ? 'decision' : 'decisions'} by ${annotator}: ${count('mistake')} ${count('mistake') === 1 ? 'mistake' : 'mistakes'}, ${count('correct')} correct, ${count('skip')} skipped, ${count('flag')} flagged.`;
};
