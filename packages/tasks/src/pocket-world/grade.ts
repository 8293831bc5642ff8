/** What stands behind the last `####`, or nothing. */
export function finalAnswer(text: string): string | undefined {
  const found = [...text.matchAll(/####[^\S\n]*([^\n]*)/g)].at(-1)?.[1]?.trim();
  return found === undefined || found === '' ? undefined : found;
}

/** Upper and lower case, and the spaces around commas, make no difference. */
const plain = (answer: string): string =>
  answer
    .toLowerCase()
    .replace(/\s*([,;])\s*/g, '$1 ')
    .trim();

/** Looks at the final answer alone. */
export function grade(problem: { readonly answer: string }, text: string): boolean {
  const found = finalAnswer(text);
  return found !== undefined && plain(found) === plain(problem.answer);
}
