import { JudgeDecodingError } from '@judge-decoding/core';
import type { Divergence } from '../run/divergences.ts';
import type { Row } from '../run/row.ts';
import type { PairedAccuracy } from '../statistics/paired.ts';
import { type ChartPoint, speedAccuracyChart } from './chart.ts';
import { summaryCsv } from './csv.ts';
import {
  chance,
  markdownTable,
  percent,
  percentWithin,
  pointsInterval,
  pointsWithin,
  timesWithin,
} from './number-format.ts';
import { ALL_DOMAINS, type ArmSummary, type SpeedSummary, summarise, summariseSpeed } from './summary.ts';

/** An arm that promises another's texts, and where it did not keep to them. */
export interface Equality {
  readonly arm: string;
  readonly reference: string;
  readonly compared: number;
  readonly divergences: readonly Divergence[];
}

/** What a report is made of. */
export interface ReportInput {
  /** Accuracy and accepted lengths. */
  readonly rows: readonly Row[];
  /** The speed sample, each arm at its own best draft length; the speeds of `rows` where there is none. */
  readonly speedRows?: readonly Row[];
  /** What `findDivergences` found, where it was asked. */
  readonly equality?: readonly Equality[];
  readonly title?: string;
  /** Lines under the title: where the numbers come from. */
  readonly notes?: readonly string[];
  /** The arm that accuracy and speed are compared with: the target's plain decoding. */
  readonly referenceArm?: string;
  readonly strictArm?: string;
  /** The loss of accuracy that is asked about, in points; state it before the run. 1 when absent. */
  readonly margin?: number;
}

/** A report in each of its forms, and the figures behind it. */
export interface Report {
  readonly markdown: string;
  /** Speed against accuracy, over all domains. */
  readonly chart: string;
  /** The summaries as lines. */
  readonly csv: string;
  readonly summaries: readonly ArmSummary[];
  readonly speeds: readonly SpeedSummary[];
}

/**
 * Tables and a chart from rows alone: the same rows always give the same report.
 *
 * @throws JudgeDecodingError `invalid-input` where there are no rows.
 */
export function report(input: ReportInput): Report {
  const {
    rows,
    speedRows = [],
    equality = [],
    title = 'Evaluation',
    notes = [],
    referenceArm = 'target',
    strictArm = 'strict',
    margin = 1,
  } = input;
  if (rows.length === 0) {
    throw new JudgeDecodingError(
      'invalid-input',
      'Expected rows to report on, got none. Run some arms first.',
    );
  }
  const summaries = summarise(rows, referenceArm);
  const lengths = [...new Set(summaries.map(({ draftLength }) => draftLength))].filter(
    (length) => length > 0,
  );
  lengths.sort((a, b) => a - b);
  const main = lengths.includes(16) ? 16 : lengths.at(-1);
  const ownSpeeds = speedRows.length > 0;
  const speeds = summariseSpeed(
    ownSpeeds ? speedRows : rows.filter(({ draftLength }) => draftLength === 0 || draftLength === main),
    { referenceArm, strictArm },
  );
  const parts = [
    `# ${title}`,
    ...notes,
    ...(lengths.length === 0 ? [0] : lengths).map((length) =>
      accuracyPart(summaries, length, strictArm, margin),
    ),
  ];
  if (speeds.length > 0) parts.push(speedPart(speeds, ownSpeeds));
  if (equality.length > 0) parts.push(['## Equality', ...equality.map(equalityPart)].join('\n\n'));
  return {
    markdown: `${parts.join('\n\n')}\n`,
    chart: speedAccuracyChart(chartPoints(summaries, speeds, main, referenceArm), title),
    csv: summaryCsv(summaries),
    summaries,
    speeds,
  };
}

function accuracyPart(
  summaries: readonly ArmSummary[],
  length: number,
  strictArm: string,
  margin: number,
): string {
  const shown = summaries.filter(({ draftLength }) => draftLength === 0 || draftLength === length);
  const domains = [...new Set(shown.map(({ domain }) => domain))].filter((domain) => domain !== ALL_DOMAINS);
  const head = [
    'arm',
    'right [95 %]',
    'against the target, points [95 %]',
    'Agresti–Min',
    `loss ≤ ${margin}`,
    'lost / won',
    'p',
    'accepted',
    'of drafted',
    'x strict',
    'committed',
    'tokens a text',
  ];
  const tables = [ALL_DOMAINS, ...domains].map((domain) => {
    const part = shown.filter((summary) => summary.domain === domain);
    const strict = part.find(({ arm }) => arm === strictArm);
    const rows = part.map((summary) => {
      const { arm, accuracy, accuracyInterval, paired, accepted, acceptedShare, committed, tokensPerText } =
        summary;
      const drafts = summary.draftLength > 0;
      return [
        arm,
        percentWithin(accuracy, accuracyInterval),
        ...(paired === undefined
          ? ['–', '–', '–', '–', '–']
          : [
              pointsWithin(paired.difference, paired.interval),
              pointsInterval(paired.adjusted),
              verdictOn(paired, margin),
              `${paired.lost} / ${paired.won}`,
              chance(paired.p),
            ]),
        ...(drafts
          ? [
              accepted.toFixed(2),
              percent(acceptedShare),
              strict ? (accepted / strict.accepted).toFixed(2) : '–',
              committed.toFixed(2),
            ]
          : ['–', '–', '–', '–']),
        tokensPerText.toFixed(0),
      ];
    });
    const count = Math.max(...part.map(({ problems }) => problems));
    const name = domain === ALL_DOMAINS ? 'All domains' : `Domain \`${domain}\``;
    return `### ${name}, ${count} problems\n\n${markdownTable(head, rows)}`;
  });
  const note =
    'Right: Wilson intervals. Against the target: the same problems, bootstrap intervals (10,000 resamples within domains), problems that only the target or only the arm got right, McNemar’s exact p. Agresti–Min: an interval that has a width where no answer differs, too. The loss is shown to be within the margin where both intervals are, refuted where both are beyond it, open otherwise. Accepted and committed: tokens a round.';
  const heading = length === 0 ? '## Accuracy' : `## Draft length ${length}`;
  return [heading, note, ...tables].join('\n\n');
}

function verdictOn({ interval, adjusted }: PairedAccuracy, margin: number): string {
  const least = -margin / 100;
  if (Math.min(interval.low, adjusted.low) >= least) return 'shown';
  return Math.max(interval.high, adjusted.high) < least ? 'refuted' : 'open';
}

function speedPart(speeds: readonly SpeedSummary[], own: boolean): string {
  const head = [
    'arm',
    'draft length',
    'tokens/s',
    'x plain [95 %]',
    'median of problems',
    'x strict [95 %]',
    'tokens/s without prefill',
  ];
  const rows = speeds.map(
    ({ arm, draftLength, tokensPerSecond, decodedPerSecond, versusReference, versusStrict }) => [
      arm,
      draftLength === 0 ? '–' : String(draftLength),
      tokensPerSecond.toFixed(1),
      timesWithin(versusReference.ratio, versusReference.interval),
      timesWithin(versusReference.medianRatio, versusReference.medianInterval),
      versusStrict === undefined ? '–' : timesWithin(versusStrict.ratio, versusStrict.interval),
      decodedPerSecond.toFixed(1),
    ],
  );
  const problems = Math.max(...speeds.map((speed) => speed.problems));
  const note = own
    ? `${problems} problems, arms interleaved, each at its own best draft length (chosen on the calibration split). Total tokens over total time, prefill included; intervals by bootstrap over problems.`
    : `From the rows above (${problems} problems), not from a speed sample of its own: other work on the machine is in it.`;
  return `## Speed\n\n${note}\n\n${markdownTable(head, rows)}`;
}

function equalityPart({ arm, reference, compared, divergences }: Equality): string {
  const excused = divergences.filter((divergence) => divergence.excused).length;
  const failed = divergences.length - excused;
  if (divergences.length === 0)
    return `All ${compared} texts of \`${arm}\` are those of \`${reference}\`, token for token.`;
  const verdict = `${compared - divergences.length} of ${compared} texts of \`${arm}\` are those of \`${reference}\`; ${excused} leave them at a near tie (excused; at most 1 % may), ${failed} without one.`;
  const outcome = failed > 0 || excused > 0.01 * compared ? ' **This is a failure.**' : '';
  const table = markdownTable(
    [
      'problem',
      'draft length',
      'position',
      'expected',
      'got',
      'gap / spread of logits',
      'allowed',
      'excused',
    ],
    divergences.map(({ problem, draftLength, position, expected, got, gap, allowed, excused: ok }) => [
      problem,
      String(draftLength),
      String(position),
      String(expected),
      String(got),
      gap.toExponential(2),
      String(allowed),
      ok ? 'yes' : 'no',
    ]),
  );
  return `${verdict}${outcome}\n\n${table}`;
}

function chartPoints(
  summaries: readonly ArmSummary[],
  speeds: readonly SpeedSummary[],
  main: number | undefined,
  referenceArm: string,
): readonly ChartPoint[] {
  return speeds.flatMap(({ arm, draftLength, versusReference }): ChartPoint[] => {
    const candidates = summaries.filter((summary) => summary.arm === arm && summary.domain === ALL_DOMAINS);
    // accuracy at the speed's own draft length where it was measured, else at the main one
    const found =
      candidates.find((summary) => summary.draftLength === draftLength) ??
      candidates.find((summary) => summary.draftLength === main);
    if (found === undefined) return [];
    const none = { difference: 0, interval: { low: 0, high: 0 } };
    const { difference, interval } = arm === referenceArm ? none : (found.paired ?? none);
    return [
      {
        label: arm,
        speed: versusReference.ratio,
        speedInterval: versusReference.interval,
        points: 100 * difference,
        pointsInterval: { low: 100 * interval.low, high: 100 * interval.high },
      },
    ];
  });
}
