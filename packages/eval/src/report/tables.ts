import type { Analysis } from './analysis.ts';
import { type ArmAnalysis, nameOf, type Part, REFERENCE } from './arm-analysis.ts';
import type { Percentiles } from './arm-speed.ts';
import {
  chance,
  percent,
  percentWithin,
  pointsInterval,
  pointsWithin,
  timesWithin,
} from './number-format.ts';
import { ownTextTable } from './own-text-table.ts';
import { hasDrifted, type PredictedRounds } from './predict-rounds.ts';
import type { Table } from './table.ts';

const DASH = '–';
const orDash = (value: number | undefined, digits: number): string =>
  value === undefined || !Number.isFinite(value) ? DASH : value.toFixed(digits);

/** The paper's Table 1: a row an arm, and what it does on every task. */
export function taskTable({ arms, domains }: Analysis): Table {
  const many = domains.length > 1;
  const columns = many ? ['all', ...domains] : ['all'];
  const cell = (arm: ArmAnalysis, domain: string): readonly string[] => {
    const part: Part | undefined =
      domain === 'all' ? arm.whole : arm.parts.find((one) => one.domain === domain);
    return [
      part?.quality === undefined ? DASH : percent(part.quality.accuracy),
      part === undefined || arm.draftLength === 0 ? DASH : part.accepted.toFixed(1),
      orDash(part?.tokensPerSecond, 0),
      part?.versusPlain === undefined
        ? arm.name === 'plain'
          ? '1'
          : DASH
        : part.versusPlain.ratio.toFixed(2),
    ];
  };
  return {
    title: 'By task',
    note: 'As in Table 1 of the paper: answers right, drafted tokens accepted a round (m*, the bonus not counted), tokens a second, and how many times as fast as plain decoding.',
    head: ['arm', ...columns.flatMap((domain) => [`${domain}: right`, 'm*', 'tok/s', 'x'])],
    rows: arms.map((arm) => [nameOf(arm), ...columns.flatMap((domain) => cell(arm, domain))]),
  };
}

export function qualityTable({ arms }: Analysis): Table | undefined {
  const graded = arms.filter(({ whole }) => whole.quality !== undefined);
  if (graded.length === 0) return undefined;
  return {
    title: 'Quality',
    note: 'Right: Wilson intervals. Against plain: the same problems, 10,000 resamples of prompts within domains, repeats of a prompt drawn together; lost and won are problems that only plain decoding, or only the arm, got right; p is McNemar’s exact test. Agresti and Min’s interval has a width where no answer differs, too; the verdict asks both. Retention: (arm − draft) / (target − draft). All intervals are of 95 %.',
    head: [
      'arm',
      'problems',
      'right [95 %]',
      'against plain, points [95 %]',
      'Agresti–Min',
      'lost / won',
      'p',
      'verdict',
      'retention [95 %]',
      'length',
      'tokens a solved',
      'seconds a solved',
    ],
    rows: graded.map((arm) => {
      const { paired, nonInferiority, ...quality } = arm.whole.quality!;
      return [
        nameOf(arm),
        String(quality.graded),
        percentWithin(quality.accuracy, quality.interval),
        paired === undefined ? DASH : pointsWithin(paired.difference, paired.interval),
        paired === undefined ? DASH : pointsInterval(paired.adjusted),
        paired === undefined ? DASH : `${paired.lost} / ${paired.won}`,
        paired === undefined ? DASH : chance(paired.p),
        nonInferiority === undefined ? DASH : nonInferiority.verdict,
        arm.retention === undefined ? DASH : percentWithin(arm.retention.retention, arm.retention.interval),
        orDash(quality.lengthRatio, 2),
        orDash(quality.tokensPerSolved, 0),
        orDash(quality.secondsPerSolved, 2),
      ];
    }),
  };
}

export function speedTable({ arms }: Analysis): Table | undefined {
  if (arms.every(({ timed }) => timed === 0)) return undefined;
  const three = (values: Percentiles | undefined) =>
    values === undefined
      ? DASH
      : [values.p50, values.p90, values.p99].map((one) => one.toFixed(1)).join(' / ');
  return {
    title: 'Speed',
    note: 'Total tokens over total time, prefill included; times plain as a ratio of totals and as the median of the problems’ own ratios. First token and gaps (between two moments at which tokens appear) are p50 / p90 / p99 in milliseconds; a token’s share is its round’s time over the tokens of the round.',
    head: [
      'arm',
      'tokens/s',
      'x plain [95 %]',
      'median of problems [95 %]',
      'without prefill',
      'first token',
      'gap',
      'a token’s share',
      'draft / verify / host',
    ],
    rows: arms.map((arm) => {
      const { speed, whole } = arm;
      const { draft, verify, rest } = speed.shares;
      return [
        nameOf(arm),
        orDash(speed.tokensPerSecond, 1),
        whole.versusPlain === undefined
          ? DASH
          : timesWithin(whole.versusPlain.ratio, whole.versusPlain.interval),
        whole.versusPlain === undefined
          ? DASH
          : timesWithin(whole.versusPlain.medianRatio, whole.versusPlain.medianInterval),
        orDash(speed.decodedPerSecond, 1),
        three(speed.firstToken),
        three(speed.gap),
        three(speed.perToken),
        arm.timed === 0 || arm.arm.decode === 'outside'
          ? DASH
          : [draft, verify, rest].map((share) => `${(100 * share).toFixed(0)} %`).join(' / '),
      ];
    }),
  };
}

/** Our arms against programs of others with the same weights. */
export function outsideTable({ arms, results }: Analysis): Table | undefined {
  const programs = arms.filter(({ arm }) => arm.decode === 'outside').map(({ name }) => name);
  if (programs.length === 0) return undefined;
  return {
    title: 'Against other programs',
    note: `Tokens a second as a ratio of totals on the same problems in turns, with the same weights; 95 % by resampling prompts. ${Object.values(results.settings.programs ?? {}).join('; ')}.`,
    head: ['arm', 'tokens/s', ...programs.map((name) => `x ${name}`)],
    rows: arms.map((arm) => [
      nameOf(arm),
      orDash(arm.speed.tokensPerSecond, 1),
      ...programs.map((name) => {
        const against = arm.versusOutside.get(name);
        return against === undefined ? DASH : timesWithin(against.ratio, against.interval);
      }),
    ]),
  };
}

export function roundTable({ arms }: Analysis): Table | undefined {
  if (arms.every(({ draftLength }) => draftLength === 0)) return undefined;
  // plain decoding is a round of one row: where the model misses it, it misses the machine
  const shown = arms.filter(({ draftLength, name }) => draftLength > 0 || name === REFERENCE);
  return {
    title: 'Rounds',
    note: 'Tokens a round: accepted of the draft, and all that was committed. The model of a round is committed over verify(drafted + 1 rows) + draft(drafted) + host, from what passes and drafts cost when they were measured by themselves, behind texts as long as these: before the run, after it and in between, of which the mean is taken, and in brackets the dearest and the cheapest where they are more than 10 % apart. Beside it what was measured without prefill.',
    head: [
      'arm',
      'accepted',
      'committed',
      'of drafted',
      'by source',
      'model, tokens/s',
      'measured',
      'measured / model',
    ],
    rows: shown.map((arm) => {
      const { stats, predicted, speed, draftLength } = arm;
      const drafted = (figure: string) => (draftLength > 0 ? figure : DASH);
      const sources = Object.entries(stats.acceptedBySource)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([source, count]) => `${source} ${((100 * count) / Math.max(1, stats.accepted)).toFixed(0)} %`);
      return [
        nameOf(arm),
        drafted((stats.accepted / Math.max(1, stats.rounds)).toFixed(2)),
        (stats.committed / Math.max(1, stats.rounds)).toFixed(2),
        drafted(percent(stats.accepted / Math.max(1, stats.drafted))),
        sources.join(', ') || DASH,
        predicted === undefined ? DASH : predictedSpeed(predicted),
        orDash(speed.decodedPerSecond, 1),
        orDash(predicted && speed.decodedPerSecond / predicted.tokensPerSecond, 2),
      ];
    }),
  };
}

/** "431.0", and "431.0 [380.2, 470.9]" where costs were not the same all the time. */
function predictedSpeed(predicted: PredictedRounds): string {
  const { tokensPerSecond, committed, between } = predicted;
  const speed = (milliseconds: number) => orDash((1000 * committed) / milliseconds, 1);
  return `${orDash(tokensPerSecond, 1)}${hasDrifted(predicted) ? ` [${speed(between.high)}, ${speed(between.low)}]` : ''}`;
}

export function repeatTable({ arms }: Analysis): Table | undefined {
  const repeated = arms.filter(({ repeats, arm }) => repeats !== undefined && arm.decode !== undefined);
  if (repeated.length === 0 || repeated.every(({ repeats }) => repeats!.textsDiffer === 0)) return undefined;
  return {
    title: 'Repeats',
    note: 'Problems that were run several times: the share whose answers were not all right or all wrong, the chance that two runs differ in it, and the share whose texts differ at all.',
    head: ['arm', 'problems', 'flipping', 'flip rate', 'texts differ'],
    rows: repeated.map((arm) => [
      nameOf(arm),
      String(arm.repeats!.problems),
      percent(arm.repeats!.flipping),
      percent(arm.repeats!.flipRate),
      percent(arm.repeats!.textsDiffer),
    ]),
  };
}

const gradedTable = ({ graded }: Analysis): Table | undefined => graded;
const ownTexts = ({ ownTexts }: Analysis): Table | undefined => ownTextTable(ownTexts);

/** The tables of a report in their order; those without rows are left out. */
export const allTables = (analysis: Analysis): readonly Table[] =>
  [
    ...[taskTable, qualityTable, gradedTable, speedTable, outsideTable, roundTable],
    ...[ownTexts, repeatTable],
  ].flatMap((make) => make(analysis) ?? []);

/** Acceptance by position as vLLM's speculators count it (of all rounds), and given the one before. */
export function acceptanceCsv({ arms }: Analysis): string {
  const lines = arms.flatMap(({ name, draftLength, stats, acceptance }) => {
    if (acceptance?.kind !== 'profile' || draftLength === 0) return [];
    return acceptance.rates.map((rate, position) => {
      const before = position === 0 ? 1 : acceptance.rates[position - 1]!;
      const conditional = before === 0 ? 0 : rate / before;
      return [
        /[",\n]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name,
        draftLength,
        position,
        stats.draftedByPosition[position] ?? 0,
        stats.acceptedByPosition[position] ?? 0,
        Number(conditional.toFixed(6)),
        Number(rate.toFixed(6)),
      ].join(',');
    });
  });
  return `${['arm,draft_length,position,num_drafts,num_accepted_tokens,conditional_rate,acceptance_rate', ...lines].join('\n')}\n`;
}
