import type { QuestionPhrase } from './list-questions.ts';
import { type Pattern, parsePattern } from './pattern.ts';
import type { GroupPhrase } from './table-phrases.ts';
import type { CountPhrase } from './table-who-phrases.ts';
import type { QuestionPhrase as WordQuestion } from './word-phrases.ts';

/*
 * What people type and no drawn problem says: it is read, so that a problem is known, and never drawn, so that drawn
 * problems stay what they are. A form is here only where the pocket pair's target had at least 95 % right of 30 fresh
 * problems that ask in it (`fresh-forms.jsonl` in tools/pocket-eval); table cells in words (31 of 45) are not.
 */

const patterns = <T extends object>(
  meaning: T,
  ...sources: readonly string[]
): (T & { pattern: Pattern })[] => sources.map((source) => ({ ...meaning, pattern: parsePattern(source) }));

export const TABLE_ASKS: readonly GroupPhrase[] = [
  ...patterns(
    { reduction: 'sum', scope: 'some' } as const,
    'sum of {w}',
    'what is the price of {w} together',
  ),
  ...patterns(
    { reduction: 'sum', scope: 'one' } as const,
    'value of {w}',
    'which number belongs to {w}',
    '(look up|find|read|tell me|show me|give me|i need) the (number|value|number of {i}) (for|of) {w}',
    "what (are|were) {w}'s {i}",
    "what was {w}'s {q}",
  ),
];

export const TABLE_DIFFERENCES = patterns({ between: 'rows' } as const, 'how many more {w} than {v}');

export const TABLE_COUNTS: readonly CountPhrase[] = patterns(
  { kind: 'count', test: 'above' } as const,
  'how many have a (number|value|score) of more than {n}{u}',
  'how many {nn} have a (number|value|score) of more than {n}{u}',
);

export const LIST_QUESTIONS: readonly QuestionPhrase[] = [
  ...patterns({ questions: ['count'] } as const, 'how many {nn} are in my list(:|) {l}'),
  ...patterns(
    { questions: ['sum'] } as const,
    'what is the sum of (what stays|what remains|the rest)',
    'add up whatever (is left|stays|remains)',
  ),
];

export const LIST_FILTERED = patterns(
  { shape: { kind: 'keep', test: 'above' }, question: 'count' } as const,
  'on how many days was it (more|warmer) than {n}{u}',
);

const at = '(| now| left| at the end| in the end)';

export const WORD_QUESTIONS: readonly WordQuestion[] = patterns(
  { frame: 'person', asked: 'now' } as const,
  `(can you |could you |)(tell me|say|let me know) how many {i} {o} {has}${at}`,
  `(i want to know|i would like to know|do you know) how many {i} {o} {has}${at}`,
  `how many of (them|the {i}|{p} {i}) (are left|remain|are there|{does} {o} have|{does} {o} still have)${at}`,
);
