import type { Acceptance, Stats } from '@judge-decoding/core';
import type { Arm } from '../arms/arm.ts';
import type { NonInferiority } from '../statistics/non-inferiority.ts';
import type { PairedAccuracy } from '../statistics/paired.ts';
import type { PairedSpeed } from '../statistics/paired-speed.ts';
import type { RepeatFigures } from '../statistics/repeats.ts';
import type { Retention } from '../statistics/retention.ts';
import type { Interval } from '../statistics/wilson.ts';
import type { SpeedFigures } from './arm-speed.ts';
import type { PredictedRounds } from './predict-rounds.ts';

/** The arm that all others are compared with. */
export const REFERENCE = 'plain';

/** What one arm’s rows at one draft length come to, beside plain decoding. */
export interface ArmAnalysis {
  readonly arm: Arm;
  readonly name: string;
  readonly family: string;
  readonly draftLength: number;
  /** Set where acceptance was simulated: then nothing here is quality. */
  readonly synthetic: string | undefined;
  readonly rows: number;
  /** Of them, those whose times are speeds: written by a process that had the machine for itself. */
  readonly timed: number;
  readonly problems: number;
  readonly whole: Part;
  /** By domain; those without rows are left out. */
  readonly parts: readonly Part[];
  readonly stats: Stats;
  readonly speed: SpeedFigures;
  /** Against programs of others on the same machine and problems, by their arms' names. */
  readonly versusOutside: ReadonlyMap<string, PairedSpeed>;
  readonly acceptance: Acceptance | undefined;
  /** Of plain decoding and of arms that draft. */
  readonly predicted: PredictedRounds | undefined;
  readonly retention: Retention | undefined;
  readonly repeats: RepeatFigures | undefined;
}

/** An arm as tables name it. */
export const nameOf = ({ name, draftLength, synthetic }: ArmAnalysis): string =>
  `${name}${draftLength > 0 ? ` /${draftLength}` : ''}${synthetic === undefined ? '' : ' (synthetic)'}`;

/** One arm over one domain, or all. */
export interface Part {
  readonly domain: string;
  readonly problems: number;
  /** Absent where nothing was graded. */
  readonly quality: QualityFigures | undefined;
  readonly accepted: number;
  readonly committed: number;
  /** NaN where no time is a speed. */
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

/**
 * The arms that a first look is about: those that were asked on most problems, where others (the points of a
 * curve) were asked on fewer. Otherwise all.
 */
export function mainArms(arms: readonly ArmAnalysis[]): readonly ArmAnalysis[] {
  const most = Math.max(...arms.map(({ problems }) => problems));
  return arms.filter(({ problems }) => problems > 0.9 * most);
}
