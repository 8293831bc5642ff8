import type { TokenId } from '@judge-decoding/core';
import type { Row } from '../run/row.ts';

/** A text in pieces, and who let each in. */
export interface MarkedText {
  readonly pieces: readonly string[];
  /** A letter a piece: see `markOf`. */
  readonly marks: string;
  readonly correct: boolean | null;
}

/** The same problem under plain decoding and under an arm. */
export interface Example {
  readonly problem: string;
  readonly arm: string;
  readonly draftLength: number;
  readonly question: string;
  readonly plain: MarkedText;
  readonly text: MarkedText;
  /** First piece in which the two differ. */
  readonly differsAt: number;
}

/** What examples are made of: rows, and how their problems and tokens are shown. */
export interface ExampleSources {
  readonly rows: readonly Row[];
  readonly reference: string;
  /** What is asked, as a person would read it. */
  readonly questionOf: (problem: string) => string | undefined;
  /** A token as text; broken bytes as U+FFFD. */
  readonly pieceOf: (token: TokenId) => string;
  readonly most?: number;
}

/**
 * For each arm the problems that plain decoding got right and it got wrong, those first that left the
 * plain text soonest; and where it lost none, one that it got right with most tokens let in.
 */
export function examplesOf({
  rows,
  reference,
  questionOf,
  pieceOf,
  most = 3,
}: ExampleSources): readonly Example[] {
  const plain = new Map(
    rows.filter((row) => row.arm === reference && row.repeat === 0).map((row) => [row.problem, row]),
  );
  const arms = new Map<string, Row[]>();
  for (const row of rows) {
    if (row.draftLength === 0 || row.repeat > 0 || row.marks === undefined || !plain.has(row.problem))
      continue;
    const key = JSON.stringify([row.arm, row.draftLength]);
    arms.set(key, [...(arms.get(key) ?? []), row]);
  }
  return [...arms.values()].flatMap((own) => {
    const differing = own.filter((row) => row.hash !== plain.get(row.problem)!.hash);
    const lost = differing
      .filter((row) => row.correct === false && plain.get(row.problem)!.correct === true)
      .sort((a, b) => leaves(a, plain) - leaves(b, plain));
    const kept = differing.filter((row) => row.correct !== false).sort((a, b) => admitted(b) - admitted(a));
    const chosen = lost.length > 0 ? lost.slice(0, most) : kept.slice(0, 1);
    return chosen.flatMap((row): readonly Example[] => {
      const question = questionOf(row.problem);
      const other = plain.get(row.problem)!;
      if (question === undefined) return [];
      return [
        {
          problem: row.problem,
          arm: row.arm,
          draftLength: row.draftLength,
          question,
          plain: marked(other, pieceOf),
          text: marked(row, pieceOf),
          differsAt: leaves(row, plain),
        },
      ];
    });
  });
}

const marked = ({ tokens, marks = '', correct }: Row, pieceOf: (token: TokenId) => string): MarkedText => ({
  pieces: tokens.map(pieceOf),
  marks,
  correct,
});

const admitted = ({ marks = '' }: Row): number => marks.split('a').length - 1;

function leaves(row: Row, plain: ReadonlyMap<string, Row>): number {
  const other = plain.get(row.problem)!.tokens;
  let at = 0;
  while (at < other.length && other[at] === row.tokens[at]) at++;
  return at;
}
