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
 * Deals problems out, never tokens: a problem is in the same part whatever the others are. Only where that leaves a
 * part without a wrong token, of which there are few then, those with one and those without are dealt apart.
 * States stay where they lie.
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
  const drawnFor = (problem: string) => seededRandom('part', seed, problem)();
  const partAt = (share: number): Part =>
    share < heldOut ? 'heldOut' : share < heldOut + calibration ? 'calibration' : 'train';
  const partOf = new Map(set.solutions.map(({ problem }) => [problem, partAt(drawnFor(problem))]));
  const wrong = problemsWithWrong(set, measuredOn);
  const parts = new Set([...wrong].map((problem) => partOf.get(problem)));
  if (parts.size < 3) {
    for (const group of [wrong, new Set([...partOf.keys()].filter((problem) => !wrong.has(problem)))]) {
      const order = [...group].sort((a, b) => drawnFor(a) - drawnFor(b));
      for (const [rank, problem] of order.entries()) partOf.set(problem, partAt((rank + 0.5) / order.length));
    }
  }
  const of = (part: Part): FeatureSet =>
    withSolutions(
      set,
      ({ problem, source }) => partOf.get(problem) === part && (part === 'train' || measuredOn(source)),
    );
  return { train: of('train'), calibration: of('calibration'), heldOut: of('heldOut') };
}

type Part = keyof SplitFeatures;

/** Problems with a wrong token where standard verification rejects. */
function problemsWithWrong(
  { columns, solutions }: FeatureSet,
  of: (source: string) => boolean,
): ReadonlySet<string> {
  const found = new Set<string>();
  for (const [row, correct] of columns.correct.entries()) {
    if (correct !== 0 || columns.token[row] === columns.argmax[row]) continue;
    const { problem, source } = solutions[columns.solution[row]!]!;
    if (of(source)) found.add(problem);
  }
  return found;
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
