/** `str.isspace`: what strip, split and a regex's `\s` take for white space. JavaScript's set is another. */
export const PYTHON_SPACE =
  '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const SPACE = new RegExp(`[${PYTHON_SPACE}]`);
const isSpace = (character: string | undefined) => character !== undefined && SPACE.test(character);

/** How much white space a text begins with. */
function spaceAtStart(text: string): number {
  let count = 0;
  while (isSpace(text[count])) count++;
  return count;
}

function spaceAtEnd(text: string): number {
  let count = 0;
  while (count < text.length && isSpace(text[text.length - 1 - count])) count++;
  return count;
}

export const stripStart = (text: string): string => text.slice(spaceAtStart(text));
export const stripEnd = (text: string): string => text.slice(0, text.length - spaceAtEnd(text));
export const strip = (text: string): string => stripEnd(stripStart(text));

export const isAllSpace = (text: string): boolean => text !== '' && spaceAtStart(text) === text.length;

const WORD = new RegExp(`[^${PYTHON_SPACE}]+`, 'g');

/** The words that runs of white space part, with where they begin. */
export const wordPlaces = (text: string): { readonly word: string; readonly at: number }[] =>
  Array.from(text.matchAll(WORD), ({ 0: word, index }) => ({ word, at: index }));

const LINE_ENDS = '\\n\\r\\v\\f\\x1c-\\x1e\\x85\\u2028\\u2029';
const LINE_END = new RegExp(`\\r\\n|[${LINE_ENDS}]`, 'g');

/** `str.splitlines()`. */
export function lines(text: string, keepEnds = false): string[] {
  const found: string[] = [];
  let from = 0;
  for (const end of text.matchAll(LINE_END)) {
    found.push(text.slice(from, keepEnds ? end.index + end[0].length : end.index));
    from = end.index + end[0].length;
  }
  if (from < text.length) found.push(text.slice(from));
  return found;
}
