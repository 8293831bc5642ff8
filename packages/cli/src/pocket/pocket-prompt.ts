import { readProblem } from '@judge-decoding/tasks';

/** What the embedded pair can and cannot do, in one sentence. */
export const POCKET_WORLD =
  'The pocket pair solves small problems of three kinds, with whole numbers up to 9,999 (stories of one to ten moves about up to three people, questions about a table of 2 to 14 entries, procedures on a list of 2 to 12 numbers or words; answers are numbers, names or lists), and it understands nothing else.';

/** A question that it understands. */
export const SAMPLE_QUESTION = 'Mia has 12 pens. Mia gets 5 pens from Leo. How many pens does Mia have now?';

const NUMBERS = 'it counts whole numbers from 0 to 9,999, multiplies and divides by 1 to 12 without a rest';

/** What to say before the pocket pair answers something; nothing where it knows every sentence. */
export function pocketNotice(prompt: string): string | undefined {
  const reading = readProblem(prompt);
  if (reading.known) return undefined;
  const { sentence, why } = reading;
  const said = sentence === '' ? 'an empty question' : `"${shortened(sentence)}"`;
  if (why === 'numbers') {
    // at one sentence it is its numbers; of all of them it is not known what
    return sentence === prompt.trim()
      ? `The pocket pair's world has no single answer to ${said} (a tie, a "she" who may be one of two, or numbers that it does not have: ${NUMBERS}): expect a wrong answer.`
      : `The pocket pair's world has no numbers like those at ${said} (${NUMBERS}): expect a wrong answer.`;
  }
  return `The pocket pair's world does not have ${said}: the answer may be nonsense. \`judge problems\` draws questions, nearly all of which it knows; --target and --draft name other models.`;
}

/** As it may stand on a terminal: no control characters, and none cut in two. */
function shortened(sentence: string): string {
  const characters = Array.from(sentence.replace(/\p{Cc}+/gu, ' '));
  return characters.length > 80 ? `${characters.slice(0, 77).join('')}...` : characters.join('');
}
