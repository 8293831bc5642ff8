/** The program in an answer: the first fenced block, else all of it. An open fence ends with the text. */
export function fencedCode(answer: string): string {
  const found = /```[\w+-]*[^\S\n]*\n([\s\S]*?)(?:\n```|$)/.exec(answer);
  return found === null ? answer : found[1]!;
}

/** The part before the first of `marks`, as a completion is cut. */
export function cutAt(text: string, marks: readonly string[]): string {
  let end = text.length;
  for (const mark of marks) {
    const at = text.indexOf(mark);
    if (at >= 0) end = Math.min(end, at);
  }
  return text.slice(0, end);
}
