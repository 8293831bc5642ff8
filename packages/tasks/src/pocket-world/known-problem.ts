import { grade } from './grade.ts';
import { drawProblem, type PocketProblem, type ProblemAddress } from './problem.ts';
import { readProblem } from './read-problem.ts';

/**
 * What is shown where nothing is asked for: the world's own problems are worded at random and read oddly. Of this one
 * the pocket pair's judge accepts 8.3 of 16 a round, about what it does on average.
 */
export const FIRST_PROBLEM =
  'Sara has 48 stamps. She gives 19 stamps to Tom. She buys 35 stamps. How many stamps does Sara have now?';

/** Whether {@link readProblem} knows a drawn problem, with the domain and the answer that it was drawn with. */
export function readsAsMeant({ prompt, domain, answer }: PocketProblem): boolean {
  const reading = readProblem(prompt);
  return (
    reading.known && reading.problem.domain === domain && grade({ answer }, `#### ${reading.problem.answer}`)
  );
}

/**
 * The problem at an address, or the next one behind it that {@link readsAsMeant}: for showing to people, who wonder
 * at a problem of the world that the world's reader does not know. About one in twenty is passed over, so what is
 * measured asks {@link drawProblem}.
 */
export function drawKnownProblem({ domain, split, index }: ProblemAddress): PocketProblem {
  for (let at = index; ; at++) {
    const problem = drawProblem({ domain, split, index: at });
    if (readsAsMeant(problem)) return problem;
  }
}
