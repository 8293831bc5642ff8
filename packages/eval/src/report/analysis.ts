import {
  type Acceptance,
  meanAcceptedLength,
  measuredAcceptance,
  merge,
  NO_STATS,
  type OutputName,
  type Stats,
} from '@judge-decoding/core';
import { type Arm, draftLengthOf } from '../arms/arm.ts';
import { asksOf } from '../arms/asks-of.ts';
import { familyOf, syntheticNote } from '../arms/parse-arm.ts';
import type { Divergence } from '../run/divergences.ts';
import type { Grade } from '../run/grades.ts';
import { measuresSpeed } from '../run/machine.ts';
import type { Results } from '../run/result-folder.ts';
import type { Row } from '../run/row.ts';
import { nonInferiority } from '../statistics/non-inferiority.ts';
import { pairedAccuracy } from '../statistics/paired.ts';
import { pairedSpeeds } from '../statistics/paired-speed.ts';
import { problemsNeeded } from '../statistics/power.ts';
import { repeatFigures } from '../statistics/repeats.ts';
import { type CorrectTriple, type Retention, retention } from '../statistics/retention.ts';
import { wilson } from '../statistics/wilson.ts';
import { type ArmAnalysis, type Part, type QualityFigures, REFERENCE } from './arm-analysis.ts';
import { perSecond, speedOf } from './arm-speed.ts';
import { gradeTable } from './grade-table.ts';
import { notesOf } from './notes.ts';
import { brokenPromises, type OwnTexts, ownTextsOf } from './own-text-table.ts';
import { predictRounds } from './predict-rounds.ts';
import type { Table } from './table.ts';

/** All domains together. */
const ALL = 'all';

/** Everything that tables and pictures show, from rows and settings alone. */
export interface Analysis {
  readonly results: Results;
  readonly domains: readonly string[];
  readonly arms: readonly ArmAnalysis[];
  /** What a model said of the answers, if one was asked. */
  readonly graded: Table | undefined;
  /** Whether arms that promise a model's own text wrote it; empty when sampling. */
  readonly ownTexts: readonly OwnTexts[];
  /** Sentences: what was not measured, what was lost, what should not be concluded. */
  readonly notes: readonly string[];
}

/** How the bootstrap is done; fewer resamples for tests. */
export interface AnalyseOptions {
  readonly resamples?: number;
  readonly grades?: readonly Grade[];
  readonly divergences?: readonly Divergence[];
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
  { resamples = 10_000, grades = [], divergences = [] }: AnalyseOptions = {},
): Analysis {
  const { settings, rows } = results;
  const domains = [...new Set(rows.map(({ domain }) => domain))].sort();
  const groups = groupRows(rows);
  const reference = indexed(groups.get(keyOf(REFERENCE, 0)) ?? []);
  const draft = indexed(groups.get(keyOf('draft', 0)) ?? []);
  const isTimed = timedIn(results);
  const outside = new Map(
    settings.arms
      .filter(({ decode }) => decode === 'outside')
      .map(({ name }) => [name, indexed(groups.get(keyOf(name, 0)) ?? [])]),
  );
  const arms = settings.arms.flatMap((arm): readonly ArmAnalysis[] => {
    const own = groups.get(keyOf(arm.name, draftLengthOf(arm)));
    if (own === undefined) return [];
    return [analyseArm(arm, own, { results, domains, reference, draft, outside, isTimed, resamples })];
  });
  const graded = gradeTable(grades, resamples);
  const ownTexts = settings.fixed.sampling.temperature > 0 ? [] : ownTextsOf(rows, divergences);
  const notes = [...brokenPromises(ownTexts), ...notesOf(results, arms, graded !== undefined)];
  return { results, domains, arms, graded, ownTexts, notes };
}

interface Surroundings {
  readonly results: Results;
  readonly domains: readonly string[];
  readonly reference: ReadonlyMap<string, Row>;
  readonly draft: ReadonlyMap<string, Row>;
  /** Rows of programs of others, by the names of their arms. */
  readonly outside: ReadonlyMap<string, ReadonlyMap<string, Row>>;
  /** Whether a row's time is a speed. */
  readonly isTimed: (row: Row) => boolean;
  readonly resamples: number;
}

/**
 * Rows of machines that one process had for itself; where there are no such, those of busy ones. A row that was
 * given what others had read has no time.
 */
function timedIn({ machines, rows }: Results): (row: Row) => boolean {
  const machineOf = ({ machine }: Row) => machines[machine ?? ''];
  // of a machine that nobody described it is not known whether it was busy
  const isKnown = (row: Row) => row.machine === undefined || machineOf(row) !== undefined;
  const alone = (row: Row) => isKnown(row) && measuresSpeed(machineOf(row));
  return rows.some(alone) ? alone : (row) => isKnown(row) && machineOf(row)?.readings === undefined;
}

function analyseArm(arm: Arm, rows: readonly Row[], around: Surroundings): ArmAnalysis {
  const { results, domains, reference, draft, outside, isTimed, resamples } = around;
  const stats = rows.reduce((sum, row) => merge(sum, row.stats), NO_STATS);
  const timed = rows.filter(isTimed);
  const timedStats = timed.reduce((sum, row) => merge(sum, row.stats), NO_STATS);
  const draftLength = draftLengthOf(arm);
  const synthetic = syntheticNote(arm);
  const acceptance = measuredAcceptance(stats);
  const timedAcceptance = measuredAcceptance(timedStats);
  const costs = results.settings.costs[mostFrequent(timed.map(({ machine }) => machine ?? ''))] ?? [];
  const speeds = arm.name === REFERENCE ? undefined : speedsAgainst(timed, reference, resamples);
  const versusOutside = new Map(
    [...outside].flatMap(([name, others]) => {
      const against = name === arm.name ? undefined : speedsAgainst(timed, others, resamples);
      return against === undefined ? [] : [[name, against.whole] as const];
    }),
  );
  const part = (domain: string, own: readonly Row[]): Part => ({
    domain,
    problems: new Set(own.map(({ problem }) => problem)).size,
    quality: synthetic === undefined ? qualityOf(arm, own, around) : undefined,
    ...meanAcceptedLength(own.reduce((sum, row) => merge(sum, row.stats), NO_STATS)),
    tokensPerSecond: perSecond(own.filter(isTimed)),
    versusPlain: domain === ALL ? speeds?.whole : speeds?.byStratum.get(domain),
  });
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
    timed: timed.length,
    problems: new Set(rows.map(({ problem }) => problem)).size,
    whole: part(ALL, rows),
    parts: domains.flatMap((domain) => {
      const own = rows.filter((row) => row.domain === domain);
      return own.length === 0 ? [] : [part(domain, own)];
    }),
    stats,
    speed: speedOf(timed, timedStats),
    versusOutside,
    acceptance,
    predicted: (draftLength > 0 ? timedAcceptance === undefined : arm.name !== REFERENCE)
      ? undefined
      : predictRounds(costs, roundsOf(arm, timed, timedStats, timedAcceptance)),
    retention:
      synthetic !== undefined || arm.decode !== 'speculative' ? undefined : retentionOf(triples, resamples),
    repeats: repeatFigures(rows.filter(isGraded).map((row) => ({ ...row, correct: row.correct === true }))),
  };
}

/** What the model of a round is told of an arm's rounds: what they accept, how long texts and drafts were. */
function roundsOf(
  arm: Arm,
  rows: readonly Row[],
  { rounds, drafted, committed, times }: Stats,
  acceptance: Acceptance = { kind: 'rate', rate: 0 },
): Parameters<typeof predictRounds>[1] {
  const draftLength = draftLengthOf(arm);
  if (rounds === 0) return () => ({ acceptance, draftLength });
  let [before, milliseconds] = [0, 0];
  for (const row of rows) {
    milliseconds += row.milliseconds;
    let at = 0;
    for (const [tokens] of row.rounds ?? []) {
      before += at;
      at += tokens;
    }
  }
  const { target, draftLogits } = asksOf(arm);
  return ({ context }) => ({
    acceptance,
    draftLength,
    drafted: drafted / rounds,
    committed: committed / rounds,
    // deciding, committing, and whoever takes the tokens
    overhead: Math.max(0, milliseconds - times.prefill - times.draft - times.verify) / rounds,
    outputs: Object.keys(target) as OutputName[],
    draftLogits,
    // costs are measured behind prompts as long as the run's
    ...(context === undefined ? {} : { context: context + before / rounds }),
  });
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

/** Against others on the same machine and problems: times of two machines cannot be compared. */
function speedsAgainst(timed: readonly Row[], reference: ReadonlyMap<string, Row>, resamples: number) {
  const paired = timed.flatMap((row) => {
    const other = reference.get(pairKey(row));
    return other === undefined || other.machine !== row.machine ? [] : [{ row, other }];
  });
  if (paired.length === 0) return undefined;
  return pairedSpeeds(
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
  );
}

function qualityOf(arm: Arm, rows: readonly Row[], around: Surroundings): QualityFigures | undefined {
  const { results, reference, isTimed, resamples } = around;
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
  const timed = graded.filter(isTimed);
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
    secondsPerSolved:
      timed.reduce((sum, row) => sum + row.milliseconds, 0) /
      1000 /
      timed.filter(({ correct }) => correct === true).length,
  };
}

function mostFrequent(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}

const isGraded = ({ correct }: Row): boolean => correct !== null;
const keyOf = (name: string, draftLength: number): string => JSON.stringify([name, draftLength]);
const pairKey = ({ problem, repeat }: Row): string => JSON.stringify([problem, repeat]);
const indexed = (rows: readonly Row[]): ReadonlyMap<string, Row> =>
  new Map(rows.map((row) => [pairKey(row), row]));

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
