import type { Known } from './word-beginning.ts';
import { sameAct } from './word-clause-meaning.ts';
import { HOLDERS } from './word-clauses.ts';

/** Not how many there are in the end: how many there were, or in a time of which nothing was told. */
const ANOTHER_TIME =
  /\b(?:at first|at the (?:start|beginning)|in the beginning|to begin with|initially|originally|yesterday|(?:a|an|one|per|each|every) (?:minute|hour|day|week|month|year|night|morning|evening))\b/i;

/** "how many did she sell": what was done, and not what there is. */
const DONE = new RegExp(
  `\\b(?:do|does|did|has|have|had) (?:(?:the )?[${HOLDERS.join('')}]|he|she|they|it|i|we|you) (?:has |have |had )?(buy|bought|collect|collected|get|make|made|find|found|earn|earned|eat|eaten|read|sell|sold|pick|picked|bake|baked|see|seen|score|scored|run|use|used|walk|walked|drive|driven|win|won|plant|planted|catch|caught|spend|spent|save|saved|write|written|drink|drunk)\\b`,
  'i',
);

/** What is told to come, and what asks for it. */
const TO_COME = /\b(?:will|shall)\b/i;
const ASKS_TO_COME = /\b(?:will|would|shall|then|after|afterwards|tomorrow|in the end)\b/i;

/** Whether a story tells what will be, up to its first question, and a question asks for what is. */
export const asksBefore = (told: string, question: string): boolean =>
  TO_COME.test(told.split(/\b(?:how|what)\b/i)[0]!) && !ASKS_TO_COME.test(question);

/** Whether a question that sounds known asks for something else than the number that there is at last. */
export function asksElse(question: string, { act, mixed }: Known): boolean {
  const done = DONE.exec(question)?.[1]?.toLowerCase();
  return ANOTHER_TIME.test(question) || (done !== undefined && (mixed !== undefined || !sameAct(act, done)));
}
