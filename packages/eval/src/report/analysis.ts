import {
  type Acceptance,
  meanAcceptedLength,
  measuredAcceptance,
  merge,
  NO_STATS,
  predictRound,
  type RoundPrediction,
  type Stats,
} from '@judge-decoding/core';
import { type Arm, draftLengthOf } from '../arms/arm.ts';
import { familyOf, syntheticNote } from '../arms/parse-arm.ts';
import type { Grade } from '../run/grades.ts';
import type { Results } from '../run/result-folder.ts';
import type { Row } from '../run/row.ts';
import { quantile } from '../statistics/bootstrap.ts';
import { type NonInferiority, nonInferiority } from '../statistics/non-inferiority.ts';
import { type PairedAccuracy, type PairedSpeed, pairedAccuracy, pairedSpeed } from '../statistics/paired.ts';
import { problemsNeeded } from '../statistics/power.ts';
import { type RepeatFigures, repeatFigures } from '../statistics/repeats.ts';
import { type CorrectTriple, type Retention, retention } from '../statistics/retention.ts';
import { type Interval, wilson } from '../statistics/wilson.ts';

import { gradeTable } from './grade-table.ts';
import type { Table } from './table.ts';

/** The arm that all others are compared with. */
export const REFERENCE = 'plain';

/** Everything that tables and pictures show, from rows and settings alone. */
export interface Analysis {
  readonly results: Results;
  readonly domains: readonly string[];
  readonly arms: readonly ArmAnalysis[];
  /** What a model said of the answers, if one was asked. */
  readonly graded: Table | undefined;
  /** Sentences: what was not measured, what was lost, what should not be concluded. */
  readonly notes: readonly string[];
}

/** What one arm’s rows at one draft length come to, beside plain decoding. */
export interface ArmAnalysis {
  readonly arm: Arm;
  readonly name: string;
  readonly family: string;
  readonly draftLength: number;
  /** Set where acceptance was simulated: then nothing here is quality. */
  readonly synthetic: string | undefined;
  readonly rows: number;
  readonly problems: number;
  readonly whole: Part;
  /** By domain; those without rows are left out. */
  readonly parts: readonly Part[];
  readonly stats: Stats;
  readonly speed: SpeedFigures;
  readonly acceptance: Acceptance | undefined;
  readonly predicted: RoundPrediction | undefined;
  readonly retention: Retention | undefined;
  readonly repeats: RepeatFigures | undefined;
}

/** One arm over one domain, or all. */
export interface Part {
  readonly domain: string;
  readonly problems: number;
  /** Absent where nothing was graded. */
  readonly quality: QualityFigures | undefined;
  readonly accepted: number;
  readonly committed: number;
  readonly tokensPerSecond: number;
  readonly versusPlain: PairedSpeed | undefined;
}

export interface QualityFigures {
  readonly graded: number;
  readonly accuracy: number;
  readonly interval: Interval;
  readonly paired: PairedAccuracy | undefined;
  readonly nonInferiority: NonInferiority | undefined;
  /** Problems that it would take to show a loss of under one point, or under the margin stated. */
  readonly needed: number | undefined;
  /** Tokens of all texts over plain decoding's on the same problems. */
  readonly lengthRatio: number | undefined;
  readonly tokensPerSolved: number;
  readonly secondsPerSolved: number;
}

/** Milliseconds, but for the shares and rates. */
export interface SpeedFigures {
  readonly tokensPerSecond: number;
  /** Without the prompt's reading. */
  readonly decodedPerSecond: number;
  readonly prefill: number;
  readonly firstToken: Percentiles | undefined;
  /** Between two moments at which tokens appear: a round. */
  readonly gap: Percentiles | undefined;
  /** A round's time shared among the tokens it committed. */
  readonly perToken: Percentiles | undefined;
  readonly shares: { readonly draft: number; readonly verify: number; readonly rest: number };
}

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
}

/** How the bootstrap is done; fewer resamples for tests. */
export interface AnalyseOptions {
  readonly resamples?: number;
  readonly grades?: readonly Grade[];
}

/**
 * Everything a report says, from results alone: the same rows always give the same figures. Intervals are
 * 95 % bootstrap intervals of `resamples` resamples, paired by problem.
 *
 * @example
 * const analysis = analyse(await readResults('results/gsm8k'));
 */
export function analyse(
  results: Results,
  { resamples = 10_000, grades = [] }: AnalyseOptions = {},
): Analysis {
  const { settings, rows } = results;
  const domains = [...new Set(rows.map(({ domain }) => domain))].sort();
  const groups = groupRows(rows);
  const reference = indexed(groups.get(keyOf(REFERENCE, 0)) ?? []);
  const draft = indexed(groups.get(keyOf('draft', 0)) ?? []);
  const arms = settings.arms.flatMap((arm): readonly ArmAnalysis[] => {
    const own = groups.get(keyOf(arm.name, draftLengthOf(arm)));
    if (own === undefined) return [];
    return [analyseArm(arm, own, { results, domains, reference, draft, resamples })];
  });
  const graded = gradeTable(grades, resamples);
  return { results, domains, arms, graded, notes: notesOf(results, arms, graded !== undefined) };
}

interface Surroundings {
  readonly results: Results;
  readonly domains: readonly string[];
  readonly reference: ReadonlyMap<string, Row>;
  readonly draft: ReadonlyMap<string, Row>;
  readonly resamples: number;
}

function analyseArm(arm: Arm, rows: readonly Row[], around: Surroundings): ArmAnalysis {
  const { results, domains, reference, draft, resamples } = around;
  const stats = rows.reduce((sum, row) => merge(sum, row.stats), NO_STATS);
  const draftLength = draftLengthOf(arm);
  const synthetic = syntheticNote(arm);
  const acceptance = measuredAcceptance(stats);
  const speed = speedOf(rows, stats);
  const { costs } = results.settings;
  const triples = rows
    .filter((row) => row.repeat === 0 && isGraded(row))
    .flatMap((row) => {
      const [target, own] = [reference.get(pairKey(row)), draft.get(pairKey(row))];
      if (target === undefined || own === undefined || !isGraded(target) || !isGraded(own)) return [];
      return [
        {
          arm: row.correct === true,
          target: target.correct === true,
          draft: own.correct === true,
          domain: row.domain,
        },
      ];
    });
  return {
    arm,
    name: arm.name,
    family: familyOf(arm.name),
    draftLength,
    synthetic,
    rows: rows.length,
    problems: new Set(rows.map(({ problem }) => problem)).size,
    whole: partOf('all', arm, rows, around),
    parts: domains.flatMap((domain) => {
      const own = rows.filter((row) => row.domain === domain);
      return own.length === 0 ? [] : [partOf(domain, arm, own, around)];
    }),
    stats,
    speed,
    acceptance,
    predicted:
      costs === null || (draftLength > 0 && acceptance === undefined)
        ? undefined
        : predictRound({
            costs,
            acceptance: acceptance ?? { kind: 'rate', rate: 0 },
            draftLength,
            overhead: stats.rounds === 0 ? 0 : stats.times.rest / stats.rounds,
          }),
    retention:
      synthetic !== undefined || arm.decode === 'plain' ? undefined : retentionOf(triples, resamples),
    repeats: repeatFigures(rows.filter(isGraded).map((row) => ({ ...row, correct: row.correct === true }))),
  };
}

/** Of a gap this small no share means anything. */
const LEAST_GAP = 0.05;

function retentionOf(
  triples: readonly (CorrectTriple & { readonly domain: string })[],
  resamples: number,
): Retention | undefined {
  const gap = (side: 'target' | 'draft') => triples.filter((triple) => triple[side]).length;
  if (!(gap('target') - gap('draft') >= LEAST_GAP * triples.length) || triples.length === 0) return undefined;
  const found = retention(triples, { strata: triples.map(({ domain }) => domain), resamples });
  // resamples without a gap: too few problems
  return Number.isFinite(found.interval.low) && Number.isFinite(found.interval.high) ? found : undefined;
}

function partOf(domain: string, arm: Arm, rows: readonly Row[], around: Surroundings): Part {
  const { reference, resamples } = around;
  const stats = rows.reduce((sum, row) => merge(sum, row.stats), NO_STATS);
  const lengths = meanAcceptedLength(stats);
  const isReference = arm.name === REFERENCE;
  const paired = rows.flatMap((row) => {
    const other = reference.get(pairKey(row));
    // times of two machines cannot be compared
    return other === undefined || other.machine !== row.machine ? [] : [{ row, other }];
  });
  return {
    domain,
    problems: new Set(rows.map(({ problem }) => problem)).size,
    quality: syntheticNote(arm) === undefined ? qualityOf(arm, rows, around) : undefined,
    accepted: lengths.accepted,
    committed: lengths.committed,
    tokensPerSecond: perSecond(rows),
    versusPlain:
      paired.length === 0 || isReference
        ? undefined
        : pairedSpeed(
            paired.map(({ row, other }) => ({
              tokens: row.tokens.length,
              milliseconds: row.milliseconds,
              referenceTokens: other.tokens.length,
              referenceMilliseconds: other.milliseconds,
            })),
            {
              strata: paired.map(({ row }) => row.domain),
              clusters: paired.map(({ row }) => row.problem),
              resamples,
            },
          ),
  };
}

function qualityOf(arm: Arm, rows: readonly Row[], around: Surroundings): QualityFigures | undefined {
  const { results, reference, resamples } = around;
  const graded = rows.filter(isGraded);
  if (graded.length === 0) return undefined;
  const right = graded.filter(({ correct }) => correct === true).length;
  const pairs = graded.flatMap((row) => {
    const other = reference.get(pairKey(row));
    return other === undefined || !isGraded(other) ? [] : [{ row, other }];
  });
  const isReference = arm.name === REFERENCE;
  const margin = results.settings.fixed.margin ?? undefined;
  const paired =
    pairs.length === 0 || isReference
      ? undefined
      : pairedAccuracy(
          pairs.map(({ row, other }) => ({ arm: row.correct === true, reference: other.correct === true })),
          {
            strata: pairs.map(({ row }) => row.domain),
            clusters: pairs.map(({ row }) => row.problem),
            resamples,
          },
        );
  const tokens = graded.reduce((sum, row) => sum + row.tokens.length, 0);
  const milliseconds = graded.reduce((sum, row) => sum + row.milliseconds, 0);
  const own = pairs.reduce((sum, { row }) => sum + row.tokens.length, 0);
  const others = pairs.reduce((sum, { other }) => sum + other.tokens.length, 0);
  return {
    graded: graded.length,
    accuracy: right / graded.length,
    interval: wilson(right, graded.length),
    paired,
    nonInferiority: paired === undefined ? undefined : nonInferiority(paired, margin),
    needed:
      paired === undefined
        ? undefined
        : problemsNeeded({
            margin: margin ?? 0.01,
            // where none differed, the share that one more problem could have shown
            discordance: Math.max(paired.lost + paired.won, 1) / Math.max(1, paired.pairs),
          }),
    lengthRatio: isReference || others === 0 ? undefined : own / others,
    tokensPerSolved: tokens / right,
    secondsPerSolved: milliseconds / 1000 / right,
  };
}

function speedOf(rows: readonly Row[], { times }: Stats): SpeedFigures {
  const tokens = rows.reduce((sum, row) => sum + row.tokens.length, 0);
  const milliseconds = rows.reduce((sum, row) => sum + row.milliseconds, 0);
  const rounds = rows.flatMap((row) => row.rounds ?? []);
  const decoding = times.draft + times.verify + times.rest;
  // what comes first waits for the prompt, too: it is the first token's time, and no gap
  const gaps = rows.flatMap((row) => (row.rounds ?? []).slice(1).map(([, time]) => time));
  const later = rows.flatMap((row) => (row.rounds ?? []).slice(1));
  return {
    tokensPerSecond: (1000 * tokens) / milliseconds,
    decodedPerSecond: (1000 * tokens) / (milliseconds - times.prefill),
    prefill: times.prefill / Math.max(1, rows.length),
    firstToken: percentiles(rows.flatMap(({ firstToken }) => firstToken ?? [])),
    gap: percentiles(gaps),
    perToken:
      rounds.length === 0
        ? undefined
        : percentiles(later.flatMap(([count, time]) => Array<number>(count).fill(time / Math.max(1, count)))),
    shares: {
      draft: times.draft / decoding || 0,
      verify: times.verify / decoding || 0,
      rest: times.rest / decoding || 0,
    },
  };
}

function percentiles(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  return { p50: quantile(sorted, 0.5), p90: quantile(sorted, 0.9), p99: quantile(sorted, 0.99) };
}

function notesOf(
  { settings, machines, rows, broken }: Results,
  arms: readonly ArmAnalysis[],
  byModel: boolean,
): readonly string[] {
  const notes = [...broken];
  const expected = settings.arms.length * settings.problems * settings.repeats;
  if (rows.length < expected)
    notes.push(`${expected - rows.length} of ${expected} rows are still to come: the same command goes on.`);
  if (!arms.some(({ name }) => name === REFERENCE))
    notes.push(`The arm \`${REFERENCE}\` was not run, so nothing is compared with anything.`);
  if (!arms.some(({ name }) => name === 'draft'))
    notes.push('The draft alone was not run: how much of its gap to the target is kept cannot be said.');
  const names = new Set(rows.map(({ machine }) => machine ?? 'unknown'));
  if (names.size > 1)
    notes.push(
      `Rows are of ${names.size} machines or commits (${[...names].map((name) => machines[name]?.cpu ?? name).join('; ')}): accuracy is counted over all of them, and speeds only against rows of the same one.`,
    );
  for (const name of names)
    if (machines[name]?.dirty === true)
      notes.push('The repository had changes that its commit does not have.');
  if (settings.fixed.margin === null)
    notes.push('No margin was stated before the run (--margin), so no arm is called non-inferior.');
  const short = arms.filter(
    ({ whole: { quality } }) => quality?.needed !== undefined && quality.graded < quality.needed,
  );
  if (short.length > 0) {
    const point = sayPoints(settings.fixed.margin ?? 0.01);
    const most = Math.max(...short.map(({ whole }) => whole.quality!.needed!));
    notes.push(
      `To show a loss of under ${point} where there is none, up to ${most.toLocaleString('en')} problems are needed (80 % power, at the share of answers that differed here); ${short.map(({ name }) => name).join(', ')} had fewer.`,
    );
  }
  if (arms.every(({ whole }) => whole.quality === undefined) && !byModel)
    notes.push('Nothing here was graded.');
  for (const { name, synthetic } of arms)
    if (synthetic !== undefined)
      notes.push(
        `${name} is ${synthetic}. Its text means nothing, and its speed is what such acceptance would give.`,
      );
  return notes;
}

/** "1 point", "0.5 points" */
export const sayPoints = (share: number): string =>
  `${Number((100 * share).toFixed(3))} ${share === 0.01 ? 'point' : 'points'}`;

const isGraded = ({ correct }: Row): boolean => correct !== null;
const keyOf = (name: string, draftLength: number): string => JSON.stringify([name, draftLength]);
const pairKey = ({ problem, repeat }: Row): string => JSON.stringify([problem, repeat]);
const indexed = (rows: readonly Row[]): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [pairKey(row), row]));

const perSecond = (rows: readonly Row[]): number =>
  (1000 * rows.reduce((sum, row) => sum + row.tokens.length, 0)) /
  rows.reduce((sum, row) => sum + row.milliseconds, 0);

function groupRows(rows: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = keyOf(row.arm, row.draftLength);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}
