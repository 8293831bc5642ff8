import { chosenLetter, LETTERS } from './grade-choice.ts';
import type { Message, TextProblem } from './text-problem.ts';

/** Asks for a letter, as the Llama 3 report does. */
export function askForLetter(question: string, choices: readonly string[]): string {
  const letters = [...LETTERS.slice(0, choices.length)];
  const listed = `${letters.slice(0, -1).join(', ')}`;
  const all = (word: string) => `${listed} ${word} ${letters.at(-1)}`;
  const count = ['no', 'one', 'two', 'three', 'four', 'five'][choices.length] ?? String(choices.length);
  return [
    `Given the following question and ${count} candidate answers (${all('and')}), choose the best answer.`,
    `Question: ${question}`,
    ...choices.map((choice, index) => `${LETTERS[index]}. ${choice}`),
    `Your response should end with "The best answer is [the_answer_letter]" where the [the_answer_letter] is one of ${all('or')}.`,
  ].join('\n');
}

/** Graded by the letter that the answer names; log-likelihood compares the letters, as MMLU does. */
export function choiceProblem({
  id,
  domain,
  question,
  choices,
  right,
  before,
  answerPrefix,
}: {
  readonly id: string;
  readonly domain: string;
  readonly question: string;
  readonly choices: readonly string[];
  readonly right: number;
  readonly before: readonly Message[];
  readonly answerPrefix: string;
}): TextProblem {
  return {
    id,
    domain,
    messages: [...before, { role: 'user', content: askForLetter(question, choices) }],
    answerPrefix,
    maxTokens: 256,
    gold: ` ${LETTERS[right]}.`,
    choices: { texts: choices.map((_, index) => ` ${LETTERS[index]}`), right },
    // the template has begun the sentence that the answer ends
    grade: (answer) => chosenLetter(`${answerPrefix}${answer}`, choices.length) === right,
  };
}
