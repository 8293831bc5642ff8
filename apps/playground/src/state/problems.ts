import {
  DOMAINS,
  type Domain,
  drawKnownProblem,
  FIRST_PROBLEM,
  finalAnswer,
  grade,
  readProblem,
} from '@judge-decoding/tasks';

/** Another small problem of the world that the pocket pair knows. */
export function drawn(
  domain: Domain | 'any',
  seed: number,
): { readonly prompt: string; readonly answer: string } {
  const chosen = domain === 'any' ? DOMAINS[seed % DOMAINS.length]! : domain;
  return drawKnownProblem({ domain: chosen, split: 'dev', index: seed });
}

/** Longer texts are cut where they are typed: no model of a page reads them. */
export const MOST_CHARACTERS = 20_000;

/** Whether an answer of the pocket pair is right, where the problem is one of its world. */
export function verdict(problem: string, text: string): 'right' | 'wrong' | undefined {
  const reading = readProblem(problem);
  if (!reading.known) return undefined;
  return grade({ answer: reading.problem.answer }, text) ? 'right' : 'wrong';
}

/** The sentence that the pocket pair's world does not have; undefined where it knows all of it, or all is empty. */
export function strangeSentence(problem: string): string | undefined {
  if (problem.trim() === '') return undefined;
  const reading = readProblem(problem);
  return reading.known ? undefined : reading.sentence || problem.slice(0, 80);
}

export { DOMAINS, type Domain, FIRST_PROBLEM, finalAnswer };
