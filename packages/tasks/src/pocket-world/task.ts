import type { Knowledge, Step } from './step.ts';

/** One drawn problem with everything that follows from it. */
export interface Task {
  /** What is asked, without how it is phrased: two tasks with one key are the same problem. */
  readonly key: string;
  readonly prompt: string;
  /** A number, a name, a list ("3, 5, 8"), or two of them with "; " between. */
  readonly answer: string;
  /** Moves of a story, entries of a table, numbers of a list. */
  readonly size: number;
  readonly steps: readonly Step[];
  /** The answer that follows from what is known after the last step. */
  answerOf(known: Knowledge): string;
  /** How often a wrong word is taken back at once, where 1 is as often as elsewhere. */
  readonly retractions?: number;
}
