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
  readonly answer: number;
  /** Moves of a story, entries of a table, numbers of a list. */
  readonly size: number;
  /** Reads solutions of it. */
  recogniser(): Recogniser;
}

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
    { domain: 'lists', of: flat, read: () => readListProcedure(flat) },
    { domain: 'tables', of: lined, read: () => readTableQuestion(lined) },
    { domain: 'words', of: flat, read: () => readWordProblem(flat) },
  ] as const;
  let best: { readonly sentence: string; readonly why: 'words' | 'numbers'; readonly place: number } | undefined;
  for (const { domain, of, read } of prompt.length > LONGEST_PROMPT ? [] : tried) {
    const found = read();
    if (found.ok) {
      const { task } = found;
      const { answer, size } = task;
      return { known: true, problem: { domain, prompt, answer, size, recogniser: () => recognise(task) } };
    }
    const place = of.places[found.at] ?? (found.at > 0 ? text.length : 0);
    if (best === undefined || place > best.place || (place === best.place && found.why === 'numbers'))
      best = { sentence: sentenceAt(of, found.at), why: found.why, place };
  }
  return {
    known: false,
    sentence: best?.sentence ?? prompt.slice(0, 200).trim(),
    why: best?.why ?? 'words',
  };
}
