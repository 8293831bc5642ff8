export const LETTERS = 'ABCDEFGHIJ';

const letter = (count: number) => `[${LETTERS.slice(0, count)}]`;

/**
 * Which of `count` choices an answer names: behind the last "best answer is" (or "answer is",
 * "answer:"), or a letter that stands alone at its beginning ("B", "(B)", "B. because"), or the only
 * letter in parentheses. Nothing where it names none, or several.
 */
export function chosenLetter(answer: string, count: number): number | undefined {
  const announced = [
    ...answer.matchAll(
      new RegExp(
        `answer(?:\\s+is|:)\\s*(?:\\*\\*|option\\s+|choice\\s+)*\\(?(${letter(count)})(?![a-z'’])`,
        'gi',
      ),
    ),
  ].at(-1)?.[1];
  if (announced !== undefined) return indexOf(announced);
  const numbered = [...answer.matchAll(/answer(?:\s+is)?:?\s*(?:answer)?\s*(\d)\b/gi)].at(-1)?.[1];
  if (numbered !== undefined) {
    const index = Number(numbered) - 1;
    return index >= 0 && index < count ? index : undefined;
  }
  const first = new RegExp(`^\\s*(?:\\*\\*)?\\(?(${letter(count)})(?:[).:*\\s]|$)`).exec(answer)?.[1];
  if (first !== undefined) return indexOf(first);
  const bracketed = new Set(
    [...answer.matchAll(new RegExp(`\\((${letter(count)})\\)`, 'g'))].map((one) => one[1]!),
  );
  return bracketed.size === 1 ? indexOf([...bracketed][0]!) : undefined;
}

const indexOf = (name: string): number => LETTERS.indexOf(name.toUpperCase());
