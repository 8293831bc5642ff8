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
       *   division with a rest, a factor above twelve), the solution would be too long, or what is asked has no
       *   single answer (a tie, a "she" of two); the sentence is the whole prompt where it is not known at which.
       */
      readonly why: 'words' | 'numbers';
    };

/**
 * Where the first sentence begins that is written in capitals, by two words or more ("USA" is one): its letters are
 * those of the world's words, but no problem of the world is written so.
 */
function inCapitals(text: string): number | undefined {
  for (const { 0: sentence, index } of text.matchAll(/[^.!?;\n]+/g)) {
    const words = sentence.match(/\p{L}{2,}/gu) ?? [];
    if (words.length > 1 && words.every((word) => word === word.toUpperCase() && word !== word.toLowerCase()))
      return index;
  }
  return undefined;
}

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
  const capitals = inCapitals(text);
  if (capitals !== undefined) return { known: false, sentence: sentenceAt(text, capitals), why: 'words' };
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
