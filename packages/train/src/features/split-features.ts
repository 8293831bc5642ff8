import { invalidOption } from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import type { FeatureSet } from './feature-set.ts';
import type { SolutionOrigin } from './feature-shard.ts';

/** Features of one set of problems in three parts that share none. */
export interface SplitFeatures {
  readonly train: FeatureSet;
  readonly calibration: FeatureSet;
  readonly heldOut: FeatureSet;
}

/**
 * Deals problems out, never tokens: a problem is in the same part whatever the others are. States stay
 * where they lie.
 */
export function splitFeatures(
  set: FeatureSet,
  {
    calibration = 0.2,
    heldOut = 0.2,
    seed = 0,
    measuredOn = () => true,
  }: {
    readonly calibration?: number;
    readonly heldOut?: number;
    readonly seed?: number;
    /** Whose solutions thresholds are chosen and heads measured on: what a judge will see, where that is among them. */
    readonly measuredOn?: (source: string) => boolean;
  } = {},
): SplitFeatures {
  if (!(calibration > 0 && heldOut > 0 && calibration + heldOut < 1))
    throw invalidOption('shares', 'above 0 and together below 1', `${calibration} and ${heldOut}`);
  const partOf = (problem: string) => {
    const drawn = seededRandom('part', seed, problem)();
    return drawn < heldOut ? 'heldOut' : drawn < heldOut + calibration ? 'calibration' : 'train';
  };
  const parts = set.solutions.map(({ problem }) => partOf(problem));
  const of = (part: keyof SplitFeatures): FeatureSet =>
    withSolutions(set, ({ source }, i) => parts[i] === part && (part === 'train' || measuredOn(source)));
  return { train: of('train'), calibration: of('calibration'), heldOut: of('heldOut') };
}

/** The features of some domains only. */
export const featuresOf = (set: FeatureSet, keeps: (domain: string) => boolean): FeatureSet =>
  withSolutions(set, ({ domain }) => keeps(domain));

/** Some of the solutions. Rows of the others stay, without a label: the states lie where they lay. */
function withSolutions(
  set: FeatureSet,
  keeps: (solution: SolutionOrigin, index: number) => boolean,
): FeatureSet {
  const index = new Map<number, number>();
  const solutions = set.solutions.filter((solution, i) => {
    if (!keeps(solution, i)) return false;
    index.set(i, index.size);
    return true;
  });
  const { columns } = set;
  return {
    ...set,
    solutions,
    fingerprint: sha256(set.fingerprint, JSON.stringify([...index.keys()])),
    columns: {
      ...columns,
      solution: columns.solution.map((i) => index.get(i) ?? 0),
      correct: columns.correct.map((label, row) => (index.has(columns.solution[row]!) ? label : -1)),
    },
  };
}
