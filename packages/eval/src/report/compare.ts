import type { Results } from '../run/result-folder.ts';
import type { Row } from '../run/row.ts';
import { pairedAccuracy } from '../statistics/paired.ts';
import { pairedSpeed } from '../statistics/paired-speed.ts';
import type { Interval } from '../statistics/wilson.ts';
import { type AnalyseOptions, analyse } from './analysis.ts';
import type { ArmAnalysis } from './arm-analysis.ts';
import { pointsWithin, timesWithin } from './number-format.ts';
import { escaped, page, paragraph, section, tableHtml } from './page.ts';
import type { Table } from './table.ts';

/** Two result folders side by side, arm by arm, on the problems that both have. */
export interface Comparison {
  readonly table: Table;
  readonly notes: readonly string[];
  readonly html: string;
}

/** Two runs of the same arms side by side, paired by problem; arms of one alone are named, not compared. */
export function compareResults(
  a: Results,
  b: Results,
  { resamples = 10_000 }: AnalyseOptions = {},
): Comparison {
  const [first, second] = [analyse(a, { resamples: 1 }), analyse(b, { resamples: 1 })];
  const shared = first.arms.flatMap((one) => {
    const other = second.arms.find((arm) => arm.name === one.name && arm.draftLength === one.draftLength);
    return other === undefined ? [] : [[one, other] as const];
  });
  const rows = shared.map(([one, other]) => rowOf(one, other, a, b, resamples));
  const only = (ours: typeof first, theirs: typeof first) =>
    ours.arms.filter(
      (arm) => !theirs.arms.some((each) => each.name === arm.name && each.draftLength === arm.draftLength),
    );
  const notes = [...differences(a, b)];
  for (const [name, arms] of [
    ['A', only(first, second)],
    ['B', only(second, first)],
  ] as const)
    if (arms.length > 0)
      notes.push(`Only in ${name}: ${arms.map((arm) => `\`${arm.name}/${arm.draftLength}\``).join(', ')}.`);
  const table: Table = {
    title: 'Side by side',
    note: 'B against A on the problems that both have: right answers in points, tokens a second as a ratio of totals, both with 95 % bootstrap intervals over prompts. A speed ratio over two machines or commits is of those, too.',
    head: [
      'arm',
      'problems',
      'A: right',
      'B: right',
      'B − A, points [95 %]',
      'lost / won',
      'A: accepted',
      'B: accepted',
      'A: tokens/s',
      'B: tokens/s',
      'B / A [95 %]',
      'same texts',
    ],
    rows,
  };
  const html = page('Comparison', [
    '<h1>Two result folders</h1>',
    paragraph(`A is \`${a.folder}\`, B is \`${b.folder}\`.`, 'under'),
    shared.length === 0 ? paragraph('They have no arm in common.') : tableHtml(table),
    section(
      'What differs',
      `<ul>${notes.map((note) => `<li>${paragraph(note).replace(/^<p>|<\/p>$/g, '')}</li>`).join('') || `<li>${escaped('Nothing but the rows.')}</li>`}</ul>`,
    ),
  ]);
  return { table, notes, html };
}

function rowOf(
  one: ArmAnalysis,
  other: ArmAnalysis,
  a: Results,
  b: Results,
  resamples: number,
): readonly string[] {
  const rowsOf = ({ rows }: Results) =>
    rows.filter((row) => row.arm === one.name && row.draftLength === one.draftLength);
  const key = ({ problem, repeat }: Row) => JSON.stringify([problem, repeat]);
  const before = new Map(rowsOf(a).map((row) => [key(row), row]));
  const pairs = rowsOf(b).flatMap((row) => {
    const there = before.get(key(row));
    return there === undefined ? [] : [{ there, row }];
  });
  const graded = pairs.filter(({ there, row }) => there.correct !== null && row.correct !== null);
  const quality = pairedAccuracy(
    graded.map(({ there, row }) => ({ arm: row.correct === true, reference: there.correct === true })),
    {
      resamples,
      strata: graded.map(({ row }) => row.domain),
      clusters: graded.map(({ row }) => row.problem),
    },
  );
  // what was given by another arm took no time
  const timed = pairs.filter(({ there, row }) => hasTime(a, there) && hasTime(b, row));
  const options = {
    resamples,
    strata: timed.map(({ row }) => row.domain),
    clusters: timed.map(({ row }) => row.problem),
  };
  const speed = pairedSpeed(
    timed.map(({ there, row }) => ({
      tokens: row.tokens.length,
      milliseconds: row.milliseconds,
      referenceTokens: there.tokens.length,
      referenceMilliseconds: there.milliseconds,
    })),
    options,
  );
  const share = (of: readonly boolean[]) =>
    of.length === 0 ? '–' : `${((100 * of.filter(Boolean).length) / of.length).toFixed(1)} %`;
  const accepted = ({ whole, draftLength }: ArmAnalysis) =>
    draftLength === 0 ? '–' : whole.accepted.toFixed(2);
  const perSecond = ({ speed }: ArmAnalysis) =>
    Number.isFinite(speed.tokensPerSecond) ? speed.tokensPerSecond.toFixed(1) : '–';
  const known = (interval: Interval) => Number.isFinite(interval.low);
  return [
    `${one.name}${one.draftLength > 0 ? ` /${one.draftLength}` : ''}`,
    String(pairs.length),
    share(graded.map(({ there }) => there.correct === true)),
    share(graded.map(({ row }) => row.correct === true)),
    graded.length === 0 || !known(quality.interval)
      ? '–'
      : pointsWithin(quality.difference, quality.interval),
    graded.length === 0 ? '–' : `${quality.lost} / ${quality.won}`,
    accepted(one),
    accepted(other),
    perSecond(one),
    perSecond(other),
    timed.length === 0 ? '–' : timesWithin(speed.ratio, speed.interval),
    share(pairs.map(({ there, row }) => there.hash === row.hash)),
  ];
}

const hasTime = ({ machines }: Results, { machine }: Row): boolean =>
  machines[machine ?? '']?.readings === undefined;

/** Settings and machines in which two folders differ, a sentence each. */
function differences(a: Results, b: Results): readonly string[] {
  const notes: string[] = [];
  const [fixedA, fixedB] = [a.settings.fixed, b.settings.fixed];
  for (const name of Object.keys(fixedA) as (keyof typeof fixedA)[]) {
    const [there, here] = [JSON.stringify(fixedA[name]), JSON.stringify(fixedB[name])];
    if (there !== here) notes.push(`${name}: \`${there}\` in A, \`${here}\` in B.`);
  }
  const machineOf = ({ machines, rows }: Results) =>
    [...new Set(rows.map((row) => row.machine ?? ''))].map((name) => machines[name]);
  const [there, here] = [JSON.stringify(machineOf(a)), JSON.stringify(machineOf(b))];
  if (there !== here)
    notes.push('They were run on different machines, devices or commits: see both reports.');
  return [...notes, ...a.broken, ...b.broken];
}
