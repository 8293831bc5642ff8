import { finalAnswer, grade, type PocketProblem } from '@judge-decoding/tasks';
import type { Paint } from './paint.ts';
import { wrap } from './wrap.ts';

/** "right", or what was answered instead. */
export function verdictOf(problem: PocketProblem, text: string): string {
  if (grade(problem, text)) return 'right';
  const answer = finalAnswer(text);
  return answer === undefined ? 'no answer' : `wrong (${answer})`;
}

/** The question, set in from the left. */
export const problemLines = (problem: PocketProblem, paint: Paint, width: number): readonly string[] => [
  paint.bold(`Problem ${problem.id}`),
  ...wrap(problem.prompt, width - 2).map((line) => `  ${line}`),
];
