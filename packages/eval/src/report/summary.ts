import { meanAcceptedLength, merge, NO_STATS } from '@judge-decoding/core';
import type { Row } from '../run/row.ts';
import { type PairedAccuracy, pairedAccuracy } from '../statistics/paired.ts';
import { type PairedSpeed, pairedSpeed } from '../statistics/paired-speed.ts';
import { type Interval, wilson } from '../statistics/wilson.ts';

/** One arm at one draft length, over one domain or all ('all'). */
export interface ArmSummary {
  readonly arm: string;
  readonly draftLength: number;
  readonly domain: string;
  readonly problems: number;
  readonly accuracy: number;
  readonly accuracyInterval: Interval;
  /** Against the reference arm on the same problems; absent for the reference itself. */
  readonly paired?: PairedAccuracy;
  /** Per round: draft tokens alone; and all that is committed. */
  readonly accepted: number;
  readonly committed: number;
  /** Accepted over drafted. */
  readonly acceptedShare: number;
  readonly tokensPerText: number;
  /** Total tokens over total time, prefill included; and over the time after the target's prefill. */
  readonly tokensPerSecond: number;
  readonly decodedPerSecond: number;
}

/** How fast an arm was: tokens a second of whole generations, and of decoding without the prompt’s reading. */
export interface SpeedSummary {
  readonly arm: string;
  readonly draftLength: number;
  readonly problems: number;
  readonly tokensPerSecond: number;
  readonly decodedPerSecond: number;
  readonly versusReference: PairedSpeed;
  readonly versusStrict?: PairedSpeed;
}

/** Stands for all domains together in an `ArmSummary`. */
export const ALL_DOMAINS = 'all';

/** Every arm, draft length and domain in the rows; arms in the order in which they first appear. */
export function summarise(rows: readonly Row[], referenceArm: string): readonly ArmSummary[] {
  const once = rows.filter(({ repeat }) => repeat === 0);
  const reference = new Map(once.filter(({ arm }) => arm === referenceArm).map((row) => [row.problem, row]));
  const domains = [...new Set(once.map(({ domain }) => domain)), ALL_DOMAINS];
  return groups(once).flatMap(([arm, draftLength, group]) =>
    domains.flatMap((domain) => {
      const part = domain === ALL_DOMAINS ? group : group.filter((row) => row.domain === domain);
      return part.length === 0
        ? []
        : [summaryOf(arm, draftLength, domain, part, arm === referenceArm ? undefined : reference)];
    }),
  );
}

function summaryOf(
  arm: string,
  draftLength: number,
  domain: string,
  rows: readonly Row[],
  reference: ReadonlyMap<string, Row> | undefined,
): ArmSummary {
  const stats = rows.reduce((sum, row) => merge(sum, row.stats), NO_STATS);
  const right = rows.filter(({ correct }) => correct).length;
  const shared = rows.filter(({ problem }) => reference?.has(problem));
  const lengths = meanAcceptedLength(stats);
  return {
    arm,
    draftLength,
    domain,
    problems: rows.length,
    accuracy: right / rows.length,
    accuracyInterval: wilson(right, rows.length),
    ...(shared.length === 0
      ? {}
      : {
          paired: pairedAccuracy(
            shared.map(({ correct, problem }) => ({
              arm: correct === true,
              reference: reference!.get(problem)!.correct === true,
            })),
            { strata: shared.map((row) => row.domain) },
          ),
        }),
    accepted: lengths.accepted,
    committed: lengths.committed,
    acceptedShare: stats.drafted === 0 ? 0 : stats.accepted / stats.drafted,
    tokensPerText: stats.committed / rows.length,
    ...speedsOf(rows),
  };
}

/** Speeds in pairs on the same problems; the times of all repeats of a problem are added up. */
export function summariseSpeed(
  rows: readonly Row[],
  { referenceArm, strictArm }: { readonly referenceArm: string; readonly strictArm: string },
): readonly SpeedSummary[] {
  const totals = groups(rows).map(([arm, draftLength, group]) => ({
    arm,
    draftLength,
    group,
    byProblem: addUp(group),
  }));
  const reference = totals.find(({ arm }) => arm === referenceArm);
  const strict = totals.find(({ arm }) => arm === strictArm);
  if (reference === undefined) return [];
  return totals.map(({ arm, draftLength, group, byProblem }) => ({
    arm,
    draftLength,
    problems: byProblem.size,
    ...speedsOf(group),
    versusReference: against(byProblem, reference.byProblem),
    ...(strict === undefined ? {} : { versusStrict: against(byProblem, strict.byProblem) }),
  }));
}

interface Total {
  readonly domain: string;
  readonly tokens: number;
  readonly milliseconds: number;
}

function addUp(rows: readonly Row[]): ReadonlyMap<string, Total> {
  const totals = new Map<string, Total>();
  for (const { problem, domain, tokens, milliseconds } of rows) {
    const before = totals.get(problem) ?? { domain, tokens: 0, milliseconds: 0 };
    totals.set(problem, {
      domain,
      tokens: before.tokens + tokens.length,
      milliseconds: before.milliseconds + milliseconds,
    });
  }
  return totals;
}

function against(arm: ReadonlyMap<string, Total>, reference: ReadonlyMap<string, Total>): PairedSpeed {
  const shared = [...arm].filter(([problem]) => reference.has(problem));
  return pairedSpeed(
    shared.map(([problem, { tokens, milliseconds }]) => ({
      tokens,
      milliseconds,
      referenceTokens: reference.get(problem)!.tokens,
      referenceMilliseconds: reference.get(problem)!.milliseconds,
    })),
    { strata: shared.map(([, { domain }]) => domain) },
  );
}

function speedsOf(rows: readonly Row[]): {
  readonly tokensPerSecond: number;
  readonly decodedPerSecond: number;
} {
  const tokens = rows.reduce((sum, row) => sum + row.tokens.length, 0);
  const whole = rows.reduce((sum, row) => sum + row.milliseconds, 0);
  const prefill = rows.reduce((sum, row) => sum + row.stats.times.prefill, 0);
  return { tokensPerSecond: (1000 * tokens) / whole, decodedPerSecond: (1000 * tokens) / (whole - prefill) };
}

function groups(rows: readonly Row[]): readonly (readonly [string, number, readonly Row[]])[] {
  const found = new Map<string, [string, number, Row[]]>();
  for (const row of rows) {
    const key = JSON.stringify([row.arm, row.draftLength]);
    const group = found.get(key);
    if (group === undefined) found.set(key, [row.arm, row.draftLength, [row]]);
    else group[2].push(row);
  }
  return [...found.values()];
}
