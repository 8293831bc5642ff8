import type { Divergence } from '../run/divergences.ts';
import { OWN_TEXTS } from '../run/own-texts.ts';
import type { Row } from '../run/row.ts';
import type { Table } from './table.ts';

/** Whether the arms that promise a model's own text wrote it. */
export interface OwnTexts {
  readonly arm: string;
  readonly draftLength: number;
  /** The arm that writes it plainly. */
  readonly plain: string;
  readonly compared: number;
  readonly same: number;
  /** Left at a near tie; left elsewhere; left, and not measured where. */
  readonly excused: number;
  readonly unexcused: number;
  readonly unmeasured: number;
}

/** Counts texts against the model's own, arm by arm; greedy runs only. */
export function ownTextsOf(rows: readonly Row[], divergences: readonly Divergence[]): readonly OwnTexts[] {
  const measured = new Map(divergences.map((one) => [keyOf(one), one.excused]));
  return OWN_TEXTS.flatMap(({ arm, plain }) => {
    const own = new Map(rows.filter((row) => row.arm === plain).map((row) => [placeOf(row), row.hash]));
    const promised = rows.filter((row) => row.arm === arm && own.has(placeOf(row)));
    const lengths = [...new Set(promised.map(({ draftLength }) => draftLength))].sort((a, b) => a - b);
    return lengths.map((draftLength): OwnTexts => {
      const compared = promised.filter((row) => row.draftLength === draftLength);
      const different = compared.filter((row) => own.get(placeOf(row)) !== row.hash);
      const are = (excused: boolean | undefined) =>
        different.filter((row) => measured.get(keyOf(row)) === excused).length;
      return {
        arm,
        draftLength,
        plain,
        compared: compared.length,
        same: compared.length - different.length,
        excused: are(true),
        unexcused: are(false),
        unmeasured: are(undefined),
      };
    });
  });
}

const placeOf = ({ problem, repeat }: Row): string => JSON.stringify([problem, repeat]);
const keyOf = ({ arm, draftLength, problem }: Pick<Row, 'arm' | 'draftLength' | 'problem'>): string =>
  JSON.stringify([arm, draftLength, problem]);

/** More near ties than this are a failure, too. */
const MOST_EXCUSED = 0.01;

/** A promise that was not kept, a sentence each. */
export const brokenPromises = (texts: readonly OwnTexts[]): readonly string[] =>
  texts.flatMap(({ arm, draftLength, plain, compared, excused, unexcused, unmeasured }) => [
    ...(unexcused > 0
      ? [
          `\`${arm}\` at draft length ${draftLength} promises the text of \`${plain}\` and left it on ${unexcused} of ${compared} problems where nothing excuses it: what it says of speed and quality is not strict verification’s.`,
        ]
      : []),
    ...(excused > MOST_EXCUSED * compared
      ? [
          `\`${arm}\` at draft length ${draftLength} left the text of \`${plain}\` at near ties on ${excused} of ${compared} problems, more than one in a hundred.`,
        ]
      : []),
    ...(unmeasured > 0
      ? [
          `Where \`${arm}\` at draft length ${draftLength} left the text of \`${plain}\` on ${unmeasured} of ${compared} problems was not measured.`,
        ]
      : []),
  ]);

export const ownTextTable = (texts: readonly OwnTexts[]): Table | undefined =>
  texts.length === 0
    ? undefined
    : {
        title: 'The models’ own texts',
        note: 'Arms that promise to write what a model writes plainly, token for token. A difference is excused where the two likeliest tokens were closer than rounding can tell apart.',
        head: ['arm', 'text of', 'problems', 'the same', 'near ties', 'not excused', 'not measured'],
        rows: texts.map(({ arm, draftLength, plain, compared, same, excused, unexcused, unmeasured }) => [
          `${arm} /${draftLength}`,
          plain,
          ...[compared, same, excused, unexcused, unmeasured].map(String),
        ]),
      };
