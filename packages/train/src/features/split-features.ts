import { invalidOption } from '@judge-decoding/core';
import { sha256 } from '@judge-decoding/long-work';
import { seededRandom } from '@judge-decoding/tasks';
import type { FeatureSet } from './feature-set.ts';

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
  const of = (part: keyof SplitFeatures): FeatureSet => {
    const index = new Map<number, number>();
    const solutions = set.solutions.filter(({ source }, i) => {
      if (parts[i] !== part || (part !== 'train' && !measuredOn(source))) return false;
      index.set(i, index.size);
      return true;
    });
    const { columns } = set;
    return {
      ...set,
      solutions,
      fingerprint: sha256(set.fingerprint, part, String(seed), JSON.stringify([...index.keys()])),
      columns: {
        ...columns,
        // rows of other parts stay, without a label: the states lie where they lay
        solution: columns.solution.map((i) => index.get(i) ?? 0),
        correct: columns.correct.map((label, row) => (index.has(columns.solution[row]!) ? label : -1)),
      },
    };
  };
  return { train: of('train'), calibration: of('calibration'), heldOut: of('heldOut') };
}

/** The features with the labels of some domains only; a domain without tokens has no say in thresholds. */
export function featuresOf(set: FeatureSet, keeps: (domain: string) => boolean): FeatureSet {
  const { columns, solutions } = set;
  const kept = solutions.map(({ domain }) => keeps(domain));
  return {
    ...set,
    fingerprint: sha256(set.fingerprint, JSON.stringify(kept)),
    columns: {
      ...columns,
      correct: columns.correct.map((label, row) => (kept[columns.solution[row]!] ? label : -1)),
    },
    solutions: solutions.map((one, index) => (kept[index] ? one : { ...one, domain: 'left out' })),
  };
}
