import { invalidOption } from '@judge-decoding/core';
import { seededRandom } from '@judge-decoding/tasks';
import type { FeatureSet } from '../features/feature-set.ts';
import type { FeatureName } from '../features/feature-shard.ts';
import { memoryRows, type StateRows } from '../features/state-rows.ts';

/** Labelled tokens, ready to fit and to measure. */
export interface Examples {
  readonly count: number;
  /** Row in the features. [count] */
  readonly row: Int32Array;
  /** 1 correct, 0 wrong. [count] */
  readonly correct: Uint8Array;
  /** 1 where standard verification rejects the token: where a judge is asked. [count] */
  readonly mismatch: Uint8Array;
  /** Number of the problem, the same for all of its solutions. [count] */
  readonly problem: Int32Array;
}

/** Every labelled row of a feature set. */
export function examplesOf({ columns, solutions }: FeatureSet): Examples {
  const numbers = new Map<string, number>();
  const problemOf = solutions.map(({ problem }) => {
    const number = numbers.get(problem) ?? numbers.size;
    numbers.set(problem, number);
    return number;
  });
  const rows: number[] = [];
  for (const [row, correct] of columns.correct.entries()) if (correct >= 0) rows.push(row);
  return {
    count: rows.length,
    row: Int32Array.from(rows),
    correct: Uint8Array.from(rows, (row) => columns.correct[row]!),
    mismatch: Uint8Array.from(rows, (row) => Number(columns.argmax[row] !== columns.token[row])),
    problem: Int32Array.from(rows, (row) => problemOf[columns.solution[row]!]!),
  };
}

/** The examples for which `keep` holds. */
export function examplesWhere(examples: Examples, keep: (index: number) => boolean): Examples {
  const kept: number[] = [];
  for (let i = 0; i < examples.count; i++) if (keep(i)) kept.push(i);
  return {
    count: kept.length,
    row: Int32Array.from(kept, (i) => examples.row[i]!),
    correct: Uint8Array.from(kept, (i) => examples.correct[i]!),
    mismatch: Uint8Array.from(kept, (i) => examples.mismatch[i]!),
    problem: Int32Array.from(kept, (i) => examples.problem[i]!),
  };
}

/**
 * Two parts that share no problem; about `share` of the problems are in the second. Where that leaves one of them
 * without a wrong token, problems with one and those without are dealt apart.
 */
export function splitByProblem(
  examples: Examples,
  share: number,
  seed: number,
): { readonly rest: Examples; readonly part: Examples } {
  if (!(share > 0 && share < 1)) throw invalidOption('share', 'a number between 0 and 1', share);
  const random = seededRandom('split by problem', seed);
  const highest = examples.problem.reduce((most, problem) => Math.max(most, problem), -1);
  const drawn = Array.from({ length: highest + 1 }, () => random());
  const inPart = drawn.map((one) => one < share);
  const wrong = new Set<number>();
  const present = new Set(examples.problem);
  for (const [i, problem] of examples.problem.entries()) if (examples.correct[i] === 0) wrong.add(problem);
  if (new Set([...wrong].map((problem) => inPart[problem])).size < 2)
    for (const group of [wrong, new Set([...present].filter((problem) => !wrong.has(problem)))]) {
      const order = [...group].sort((a, b) => drawn[a]! - drawn[b]!);
      const many = Math.max(1, Math.round(share * order.length));
      for (const [rank, problem] of order.entries()) inPart[problem] = rank < many;
    }
  return {
    rest: examplesWhere(examples, (i) => !inPart[examples.problem[i]!]),
    part: examplesWhere(examples, (i) => inPart[examples.problem[i]!]!),
  };
}

/** One block of a linear model's inputs; `shift` -1 reads the row before. */
export interface InputBlock {
  readonly rows: StateRows;
  readonly shift: 0 | -1;
}

/** Which hidden states a head reads. */
export interface HeadShape {
  readonly name: string;
  readonly terms: readonly { readonly state: FeatureName; readonly row: 'own' | 'previous' }[];
}

/** The states that a head of this shape reads, as inputs of a linear model. */
export const inputsOf = ({ states }: FeatureSet, { terms }: HeadShape): readonly InputBlock[] =>
  terms.map(({ state, row }) => {
    const rows = states[state];
    if (rows === undefined)
      throw invalidOption(
        'features',
        `extracted with the state \`${state}\``,
        Object.keys(states).join(', '),
      );
    return { rows, shift: row === 'own' ? 0 : -1 };
  });

/** What the target's own distribution says of each row: top-1 probability, entropy, and ln p(token) where asked for. */
export function logitInputs({ columns }: FeatureSet, withChosen: boolean): readonly InputBlock[] {
  const width = withChosen ? 3 : 2;
  const values = new Float32Array(columns.token.length * width);
  for (let row = 0; row < columns.token.length; row++) {
    values[row * width] = Math.exp(columns.topLogProb[row]!);
    values[row * width + 1] = columns.entropy[row]!;
    if (withChosen) values[row * width + 2] = columns.chosen[row]!;
  }
  return [{ rows: memoryRows(values, width), shift: 0 }];
}
