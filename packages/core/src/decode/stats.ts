import type { ReadBacks } from '../backend.ts';
import type { TokenSource } from '../rules/rule.ts';

/** Score histogram bins: [0, 0.05), [0.05, 0.1) … [0.95, 1]. */
export const SCORE_BINS = 20;

/**
 * What happened in one or more generations: plain data that merges and serialises. It holds
 *   accepted = sum of acceptedBySource,  committed = accepted + recovered + bonus,
 *   recovered + bonus + withheld = rounds - endedInside.
 */
export interface Stats {
  readonly generations: number;
  readonly rounds: number;
  readonly drafted: number;
  /** Committed draft tokens; what a stop cuts away is not accepted. */
  readonly accepted: number;
  /** 'standard', 'judge', or the name of another admission. */
  readonly acceptedBySource: Readonly<Record<string, number>>;
  readonly recovered: number;
  readonly bonus: number;
  /** Fully accepted rounds whose bonus was switched off. */
  readonly withheld: number;
  /** Generations that ended inside their last accepted run. */
  readonly endedInside: number;
  readonly committed: number;
  /** [position]: how many rounds drafted, and how many committed, a token there. */
  readonly draftedByPosition: readonly number[];
  readonly acceptedByPosition: readonly number[];
  /** [n]: rounds that accepted n tokens. */
  readonly acceptedHistogram: readonly number[];
  /** Judge scores of all drafted tokens that were decided, in SCORE_BINS bins over [0, 1]. */
  readonly scoreHistogram: readonly number[];
  readonly times: Times;
  /** What rounds have brought from their devices, prompts not counted; absent where no device counts. */
  readonly readBacks?: ModelReadBacks;
  /** What ran the models, counted by generations: `webgpu` alone, or with the draft's, `webgpu, draft cpu`. */
  readonly placements: Readonly<Record<string, number>>;
  /** Why speculation was off, counted by reason. */
  readonly speculationOff: Readonly<Record<string, number>>;
  /** Anything else the user should know (a head fitted on other weights, say). */
  readonly notices: readonly string[];
}

/** By model; absent where it has no device that counts. */
export interface ModelReadBacks {
  readonly target?: ReadBacks;
  readonly draft?: ReadBacks;
}

/** Milliseconds. */
export interface Times {
  readonly prefill: number;
  readonly draft: number;
  readonly verify: number;
  /** Deciding, committing, and whatever the consumer of the rounds did in between is not counted. */
  readonly rest: number;
}

/** One round as the statistics see it. */
export interface RoundCount {
  readonly drafted: number;
  /** Sources of the committed tokens, in order. */
  readonly sources: readonly TokenSource[];
  readonly withheld: boolean;
  readonly endedInside: boolean;
  /** Judge scores (probabilities) of the decided draft tokens. */
  readonly scores: readonly number[];
  readonly times: Partial<Times>;
  readonly readBacks?: ModelReadBacks | undefined;
}

/** Before the first round: what counts are added to. */
export const NO_STATS: Stats = {
  generations: 0,
  rounds: 0,
  drafted: 0,
  accepted: 0,
  acceptedBySource: {},
  recovered: 0,
  bonus: 0,
  withheld: 0,
  endedInside: 0,
  committed: 0,
  draftedByPosition: [],
  acceptedByPosition: [],
  acceptedHistogram: [],
  scoreHistogram: [],
  times: { prefill: 0, draft: 0, verify: 0, rest: 0 },
  placements: {},
  speculationOff: {},
  notices: [],
};

/** Adds a round. */
export function record(stats: Stats, round: RoundCount): Stats {
  const acceptedSources = round.sources.filter((source) => source !== 'recovered' && source !== 'bonus');
  const accepted = acceptedSources.length;
  const scoreHistogram: number[] = [];
  for (const score of round.scores) {
    if (Number.isNaN(score)) continue;
    const bin = Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS));
    scoreHistogram[bin] = (scoreHistogram[bin] ?? 0) + 1;
  }
  return merge(stats, {
    ...NO_STATS,
    rounds: 1,
    drafted: round.drafted,
    accepted,
    acceptedBySource: countBy(acceptedSources),
    recovered: round.sources.includes('recovered') ? 1 : 0,
    bonus: round.sources.includes('bonus') ? 1 : 0,
    withheld: round.withheld ? 1 : 0,
    endedInside: round.endedInside ? 1 : 0,
    committed: round.sources.length,
    draftedByPosition: Array<number>(round.drafted).fill(1),
    acceptedByPosition: Array<number>(accepted).fill(1),
    acceptedHistogram: [...Array<number>(accepted).fill(0), 1],
    scoreHistogram:
      round.scores.length > 0 ? Array.from({ length: SCORE_BINS }, (_, bin) => scoreHistogram[bin] ?? 0) : [],
    times: { ...NO_STATS.times, ...round.times },
    ...(round.readBacks === undefined ? {} : { readBacks: round.readBacks }),
  });
}

/** Two sets of statistics as one. */
export function merge(a: Stats, b: Stats): Stats {
  return {
    generations: a.generations + b.generations,
    rounds: a.rounds + b.rounds,
    drafted: a.drafted + b.drafted,
    accepted: a.accepted + b.accepted,
    acceptedBySource: addRecords(a.acceptedBySource, b.acceptedBySource),
    recovered: a.recovered + b.recovered,
    bonus: a.bonus + b.bonus,
    withheld: a.withheld + b.withheld,
    endedInside: a.endedInside + b.endedInside,
    committed: a.committed + b.committed,
    draftedByPosition: addLists(a.draftedByPosition, b.draftedByPosition),
    acceptedByPosition: addLists(a.acceptedByPosition, b.acceptedByPosition),
    acceptedHistogram: addLists(a.acceptedHistogram, b.acceptedHistogram),
    scoreHistogram: addLists(a.scoreHistogram, b.scoreHistogram),
    times: {
      prefill: a.times.prefill + b.times.prefill,
      draft: a.times.draft + b.times.draft,
      verify: a.times.verify + b.times.verify,
      rest: a.times.rest + b.times.rest,
    },
    ...addReadBacks(a, b),
    // statistics that were kept by an earlier version have none
    placements: addRecords(a.placements ?? {}, b.placements ?? {}),
    speculationOff: addRecords(a.speculationOff, b.speculationOff),
    notices: [...new Set([...a.notices, ...b.notices])],
  };
}

/**
 * The mean accepted length in the three conventions in use: draft tokens alone (the paper's m* as
 * we read it), with the recovered token (AutoJudge), and all that a round commits (SGLang; vLLM's
 * 1 + accepted/rounds counts a bonus that was cut away, too).
 */
export function meanAcceptedLength({ rounds, accepted, recovered, committed }: Stats): {
  readonly accepted: number;
  readonly acceptedAndRecovered: number;
  readonly committed: number;
} {
  const per = (count: number) => (rounds === 0 ? 0 : count / rounds);
  return {
    accepted: per(accepted),
    acceptedAndRecovered: per(accepted + recovered),
    committed: per(committed),
  };
}

/** What a round brings from its devices on average; absent where none counts. */
export function readBacksPerRound({ rounds, readBacks }: Stats): ReadBacks | undefined {
  if (readBacks === undefined || rounds === 0) return undefined;
  const all = plus(readBacks.target, readBacks.draft);
  return all && { count: all.count / rounds, bytes: all.bytes / rounds };
}

/** What has come since an earlier count. */
export const readBacksSince = (
  now: ReadBacks | undefined,
  before: ReadBacks | undefined,
): ReadBacks | undefined =>
  now && { count: now.count - (before?.count ?? 0), bytes: now.bytes - (before?.bytes ?? 0) };

const plus = (a: ReadBacks | undefined, b: ReadBacks | undefined): ReadBacks | undefined =>
  a && b ? { count: a.count + b.count, bytes: a.bytes + b.bytes } : (a ?? b);

function addReadBacks({ readBacks: a }: Stats, { readBacks: b }: Stats): Pick<Stats, 'readBacks'> {
  if (a === undefined && b === undefined) return {};
  return { readBacks: byModel(plus(a?.target, b?.target), plus(a?.draft, b?.draft)) };
}

/** Both counts, without those that are not there. */
export const byModel = (target: ReadBacks | undefined, draft: ReadBacks | undefined): ModelReadBacks => ({
  ...(target && { target }),
  ...(draft && { draft }),
});

function countBy(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function addRecords(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
): Record<string, number> {
  const sum = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

function addLists(a: readonly number[], b: readonly number[]): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => (a[i] ?? 0) + (b[i] ?? 0));
}
