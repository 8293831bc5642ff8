import { LONGEST_PROMPT, sentenceAt, typed } from './clauses.ts';
import { readListProcedure } from './list-reader.ts';
import type { Domain } from './problem.ts';
import { type Recogniser, recognise } from './recogniser.ts';
import { readTableQuestion } from './table-reader.ts';
import { readWordProblem } from './word-reader.ts';

/** A problem of the world that somebody typed. */
export interface TypedProblem {
  readonly domain: Domain;
  readonly prompt: string;
  /** A number, a name, a list, or two of them with "; " between. */
  readonly answer: string;
  /** Moves of a story, entries of a table, numbers of a list. */
  readonly size: number;
  /** Reads solutions of it. */
  recogniser(): Recogniser;
}

/** A prompt as the world has it, or where it leaves the world and why. */
export type Reading =
  | { readonly known: true; readonly problem: TypedProblem }
  | {
      readonly known: false;
      /** The first sentence that the world does not have, as it was typed. */
      readonly sentence: string;
      /**
       * - `words`: the sentence, or a name or a thing in it, is not of the world;
       * - `numbers`: up to there all was understood, but numbers lead out of the world (below 0, past 9,999, a
       *   division with a rest, a factor above twelve), or the solution would be too long.
       */
      readonly why: 'words' | 'numbers';
    };

/**
 * Reads a problem as a person types it: from its text to the problem, or to the first sentence that is not of
 * the world. Every prompt of `drawProblem` is known, and gets its own answer.
 */
export function readProblem(prompt: string): Reading {
  const text = prompt.slice(0, LONGEST_PROMPT);
  const [flat, lined] = [typed(text, false), typed(text, true)];
  const tried = [
    ['lists', () => readListProcedure(flat)],
    ['tables', () => readTableQuestion(lined)],
    ['words', () => readWordProblem(flat)],
  ] as const;
  let furthest = { place: 0, why: 'words' as 'words' | 'numbers' };
  for (const [domain, read] of prompt.length > LONGEST_PROMPT ? [] : tried) {
    const found = read();
    if (found.ok) {
      const { task } = found;
      const { answer, size } = task;
      return { known: true, problem: { domain, prompt, answer, size, recogniser: () => recognise(task) } };
    }
    if (found.place > furthest.place || (found.place === furthest.place && found.why === 'numbers'))
      furthest = found;
  }
  return { known: false, sentence: sentenceAt(text, furthest.place), why: furthest.why };
}
