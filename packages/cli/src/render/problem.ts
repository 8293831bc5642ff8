import { finalAnswer, grade } from '@judge-decoding/tasks';
import type { Paint } from './paint.ts';
import { wrap } from './wrap.ts';

/** "right", or what was answered instead. */
export function verdictOf(problem: { readonly answer: string | undefined }, text: string): string {
  const { answer: right } = problem;
  // Nobody knows what is right where a typed problem was not understood.
  if (right === undefined) return finalAnswer(text) ?? 'no answer';
  if (grade({ answer: right }, text)) return 'right';
  const answer = finalAnswer(text);
  return answer === undefined ? 'no answer' : `wrong (${answer})`;
}

/** The question, set in from the left, under its title. */
export const problemLines = (
  { title, prompt }: { readonly title: string; readonly prompt: string },
  paint: Paint,
  width: number,
): readonly string[] => [paint.bold(title), ...wrap(prompt, width - 2).map((line) => `  ${line}`)];
