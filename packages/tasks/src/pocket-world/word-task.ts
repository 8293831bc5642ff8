import type { Task } from './task.ts';
import { movesOf, solved, type WordFacts } from './word-facts.ts';
import { answersOf, wordSteps } from './word-solution.ts';

/** A problem from what it says. */
export function wordTask(facts: WordFacts, prompt: string): Task | undefined {
  const answer = solved(facts);
  if (answer === undefined) return undefined;
  return {
    key: JSON.stringify(facts).toLowerCase(),
    prompt,
    answer,
    size: movesOf(facts),
    steps: wordSteps(facts),
    answerOf: (known) => answersOf(facts, known).join('; '),
  };
}
