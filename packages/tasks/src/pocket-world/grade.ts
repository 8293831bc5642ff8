/** The number after the last `####`, or nothing. */
export function finalAnswer(text: string): number | undefined {
  const found = [...text.matchAll(/####\s*(-?\d+)/g)].at(-1)?.[1];
  return found === undefined ? undefined : Number(found);
}

/** Looks at the final answer alone. */
export const grade = (problem: { readonly answer: number }, text: string): boolean =>
  finalAnswer(text) === problem.answer;
