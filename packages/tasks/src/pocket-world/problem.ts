import { drawListProcedure } from './list-procedures.ts';
import { hashText, type Random, seededRandom } from './random.ts';
import { drawTableQuestion } from './table-questions.ts';
import type { Task } from './task.ts';
import type { Vocabulary } from './word-cast.ts';
import { drawWordProblem } from './word-problems.ts';

/** Kinds of problems of the pocket world: word problems, questions about a table, procedures on a list. */
export const DOMAINS = ['words', 'tables', 'lists'] as const;
/** One of {@link DOMAINS}. */
export type Domain = (typeof DOMAINS)[number];

/** Splits share no problem: a problem’s content decides which one it is in. */
export const SPLITS = ['dev', 'train', 'calibration', 'test'] as const;
/** One of {@link SPLITS}. */
export type Split = (typeof SPLITS)[number];

/** Plain data: safe to store and to send. */
export interface PocketProblem {
  readonly id: string;
  readonly domain: Domain;
  readonly split: Split;
  readonly index: number;
  /** What the user asks. */
  readonly prompt: string;
  /** A number, a name, a list ("3, 5, 8"), or two of them with "; " between. */
  readonly answer: string;
  /** Moves of a story, entries of a table, numbers of a list. */
  readonly size: number;
}

/** The smallest and the largest size of a problem: moves of a story, entries of a table, numbers of a list. */
export const SIZES: Readonly<Record<Domain, readonly [smallest: number, largest: number]>> = {
  words: [1, 10],
  tables: [2, 14],
  lists: [2, 12],
};

const DRAW: Readonly<Record<Domain, (random: Random, size: number, vocabulary?: Vocabulary) => Task>> = {
  words: drawWordProblem,
  tables: drawTableQuestion,
  lists: drawListProcedure,
};

/** Sizes take turns, so that any run of problems is spread over all of them. */
function sizeOf(domain: Domain, index: number): number {
  const [smallest, largest] = SIZES[domain];
  return smallest + (index % (largest - smallest + 1));
}

const BUCKETS = 16;

/**
 * A problem's content decides which split may ask it, so that no two splits share one: a draw
 * that belongs elsewhere is thrown away.
 */
export function splitOf(task: Task): Split {
  const bucket = hashText(task.key) % BUCKETS;
  if (bucket === 0) return 'dev';
  if (bucket === 1) return 'calibration';
  return bucket === 2 ? 'test' : 'train';
}

/** Where a problem is found: nothing is stored, an address is drawn. */
export interface ProblemAddress {
  readonly domain: Domain;
  readonly split: Split;
  /** Any whole number from 0; the same address is always the same problem. */
  readonly index: number;
}

export function drawTask({ domain, split, index }: ProblemAddress, vocabulary?: Vocabulary): Task {
  const random = seededRandom('pocket-world', domain, split, index);
  for (;;) {
    const task = DRAW[domain](random, sizeOf(domain, index), vocabulary);
    if (splitOf(task) === split) return task;
  }
}

/**
 * The problem at an address, drawn from it: without files, the same on every machine.
 *
 * @example
 * const { prompt, answer } = drawProblem({ domain: 'words', split: 'dev', index: 0 });
 */
export function drawProblem({ domain, split, index }: ProblemAddress): PocketProblem {
  const { prompt, answer, size } = drawTask({ domain, split, index });
  return { id: `${domain}/${split}/${index}`, domain, split, index, prompt, answer, size };
}
